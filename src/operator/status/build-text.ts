import type { BuildUnderWay } from '../../schema/generations.ts'
import { inSeconds, inThousands } from '../figures.ts'

/**
 * How far a build is: `copying, 420,000 of about 1,000,000 rows, 12,000 rows/s, about 48.3 s left, for 35.1 s`.
 *
 * @param now ISO 8601, by the database's clock
 */
export function buildText(build: BuildUnderWay, now: string): string {
  const { phase, rows, rowsPerSecond, startedAt } = build
  const left = secondsLeft(build)
  return [
    phase,
    ...(rows === undefined ? [] : [`${inThousands(rows)}${expected(build)} rows`]),
    ...(rowsPerSecond === undefined ? [] : [`${inThousands(rowsPerSecond)} rows/s`]),
    ...(left === undefined ? [] : [`about ${inSeconds(left * 1_000)} left`]),
    `for ${inSeconds(Math.max(0, Date.parse(now) - Date.parse(startedAt)))}`,
  ].join(', ')
}

const expected = ({ phase, rows = 0, expectedRows = 0 }: BuildUnderWay): string =>
  phase === 'copying' && expectedRows > rows ? ` of about ${inThousands(expectedRows)}` : ''

/** Until the rows are copied, if they are as many as last time. */
function secondsLeft({ rows, expectedRows, rowsPerSecond }: BuildUnderWay): number | undefined {
  if (rows === undefined || !expectedRows || !rowsPerSecond || expectedRows <= rows) return undefined
  return (expectedRows - rows) / rowsPerSecond
}
