import type { RefreshCost } from '../../schema/refreshes/costs.ts'
import { rateOf } from '../../timing/rate.ts'
import type { Timing } from '../../timing.ts'
import { medianOf } from './trend.ts'

/** What the refreshes of a view cost under a schedule, as its last ones tell. */
export interface RefreshCosts {
  refreshesPerHour: number
  /** The time for which a session of the database works on them, in seconds. */
  secondsPerHour: number
  secondsPerDay: number
  /** Rows that they insert and delete; undefined if no refresh has counted them. */
  rowsWrittenPerHour: number | undefined
  /** Undefined if the server counts none (before PostgreSQL 18). */
  walBytesPerDay: number | undefined
  /** The shortest time from one refresh to the next, in milliseconds. */
  interval: number
  /** The share of the interval for which a refresh runs; above 1 they follow one another without a pause. */
  share: number
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length

/**
 * The costs of a schedule: how often it comes, times what the last refreshes took on average.
 *
 * The rows that a refresh writes depend on how long changes have gathered: rows that change at random are a share of
 * 1 - e^(-rate × interval) of all. The rate is what the last refreshes show, whatever their schedule was. What a refresh
 * writes to the log goes by these rows; one that replaces all of them writes the same each time.
 *
 * @param last the last refreshes, the newest first, at least two
 * @param now milliseconds since 1970
 */
export async function costsOf(timing: Timing, last: readonly RefreshCost[], now: number): Promise<RefreshCosts> {
  const taken = last.map(({ sinceQueued }) => sinceQueued)
  const { perHour, interval } = await rateOf(timing, taken, now)
  const took = mean(last.map((refresh) => refresh.took))
  const growth = writtenAt(3_600_000 / perHour, last)
  const wal = known(last.map(({ walBytes }) => walBytes))
  return {
    refreshesPerHour: perHour,
    secondsPerHour: (perHour * took) / 1_000,
    secondsPerDay: (24 * perHour * took) / 1_000,
    rowsWrittenPerHour: growth && perHour * growth.rows,
    walBytesPerDay: wal && 24 * perHour * mean(wal) * (growth?.times ?? 1),
    interval,
    share: took / interval,
  }
}

/** All of the values, or undefined if one is unknown. */
function known(values: readonly (number | undefined)[]): number[] | undefined {
  const found = values.filter((value) => value !== undefined)
  return found.length === values.length ? found : undefined
}

/** The rows that a refresh writes after an interval, and how many times as many as the last refreshes did. */
function writtenAt(interval: number, last: readonly RefreshCost[]): { rows: number; times: number } | undefined {
  const before = known(last.map(({ written }) => written))
  const rows = last[0]?.rows
  if (!before || rows === undefined) return undefined
  const written = mean(before)
  if (last[0]?.mode === 'blocking' || written === 0) return { rows: written, times: 1 }
  const most = 2 * rows // a row that changed is deleted and inserted
  const share = Math.min(0.99, written / Math.max(1, most))
  const rate = -Math.log(1 - share) / gapOf(last)
  const expected = most * (1 - Math.exp(-rate * interval))
  return { rows: expected, times: expected / (share * most) }
}

/** From one of the last refreshes to the next, in the middle, in milliseconds. */
const gapOf = (last: readonly RefreshCost[]): number =>
  Math.max(1, medianOf(last.slice(1).map(({ at }, place) => (last[place] as RefreshCost).at - at)))
