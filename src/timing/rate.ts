import { type Rate, rateOfCron } from './cron-rate.ts'
import { paceOf } from './pace.ts'
import type { Timing } from './timing.ts'

const hour = 3_600_000

/**
 * How often a target is refreshed by a timing. Refreshes that take longer than their interval follow one another.
 *
 * @param taken how long the last twenty refreshes took from request to end, in milliseconds, the newest first
 * @param now milliseconds since 1970
 */
export async function rateOf(timing: Timing, taken: readonly number[], now: number): Promise<Rate> {
  if (timing.kind === 'cron') return rateOfCron(timing.pattern, now)
  const interval = timing.kind === 'every' ? timing.ms : paceOf(timing.ms, taken).interval
  const mean = taken.reduce((sum, one) => sum + one, 0) / Math.max(1, taken.length)
  return { perHour: hour / Math.max(interval, mean), interval }
}
