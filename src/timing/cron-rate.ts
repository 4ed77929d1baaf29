/** How often a timing has a target refreshed. */
export interface Rate {
  /** Refreshes an hour, on average. */
  perHour: number
  /** The shortest time from one refresh to the next, in milliseconds. */
  interval: number
}

const day = 86_400_000
const year = 365 * day
const runsLookedAt = 200

/**
 * How often a pattern comes: its times of a day, on each day of the coming year that it names. Changes of the clock do not count. The
 * shortest interval is that of its first two hundred times.
 *
 * @param now milliseconds since 1970
 */
export async function rateOfCron(pattern: string, now: number): Promise<Rate> {
  const { CronExpressionParser } = await import('cron-parser')
  const times = (of: string): { next: () => number; perDay: number } => {
    const expression = CronExpressionParser.parse(of, { tz: 'UTC', currentDate: new Date(now), hashSeed: pattern })
    const { second, minute, hour } = expression.fields
    const perDay = second.values.length * minute.values.length * hour.values.length
    return { next: () => nextOf(() => expression.next().getTime()), perDay }
  }
  const all = times(pattern)
  const days = times(`0 0 ${pattern.trim().split(/\s+/).slice(-3).join(' ')}`)
  let dayCount = 0
  while (days.next() < now + year) dayCount++
  const gap = shortestGap(Array.from({ length: runsLookedAt }, all.next))
  return { perHour: (all.perDay * dayCount) / (365 * 24), interval: gap }
}

/** The parser throws at the end of its search, years ahead. */
function nextOf(next: () => number): number {
  try {
    return next()
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

function shortestGap(times: readonly number[]): number {
  const gaps = times.slice(1).map((at, place) => at - (times[place] as number))
  return Math.min(year, ...gaps.filter((gap) => gap > 0))
}
