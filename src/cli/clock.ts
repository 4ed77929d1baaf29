/** Times of a zone: `2026-11-29 18:00:00`. */
export type Clock = ((time: string | Date) => string) & { zone: string }

/**
 * @param timeZone default that of this machine
 * @param withOffset whether the offset is shown too, because a zone has some times twice
 */
export function clockOf(timeZone: string | undefined, withOffset = false): Clock {
  const format = new Intl.DateTimeFormat('sv', {
    dateStyle: 'short',
    timeStyle: withOffset ? 'long' : 'medium',
    timeZone,
  })
  return Object.assign((time: string | Date) => format.format(new Date(time)), {
    zone: format.resolvedOptions().timeZone,
  })
}
