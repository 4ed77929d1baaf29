import type { Night, TargetNight } from '../night.ts'

/** A night as text for a mail: what there is to say of each target, and then those of which there is nothing to say. */
export function nightText({ since, until, timeZone, targets }: Night): string {
  const clock = clockOf(timeZone)
  const bad = targets.filter(isWorthALine)
  const well = targets.filter((target) => !isWorthALine(target)).map(({ target }) => target)
  return [
    `Trifold, ${clock(since)} to ${clock(until)} (${timeZone})`,
    `${targets.length} targets, ${bad.length === 0 ? 'all was well' : `${bad.length} to look at`}`,
    ...bad.map((target) => targetText(target, clock)),
    ...(bad.length > 0 && well.length > 0 ? [`All was well with ${well.join(', ')}.`] : []),
  ].join('\n\n')
}

const isWorthALine = ({ verdict, findings }: TargetNight): boolean => verdict !== 'green' || findings.length > 0

const targetText = ({ target, verdict, reason, findings }: TargetNight, clock: (iso: string) => string): string =>
  [
    `${target}: ${verdict} now`,
    `  now     ${reason}`,
    ...findings.map(({ kind, text, at }) => `  ${kind.padEnd(7)} ${text}${at === undefined ? '' : ` (${clock(at)})`}`),
  ].join('\n')

function clockOf(timeZone: string): (iso: string) => string {
  const format = new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeStyle: 'short', timeZone })
  return (iso) => format.format(new Date(iso))
}
