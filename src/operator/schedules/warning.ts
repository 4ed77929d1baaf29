import { checkRedis, measuredRefresh } from '../../schedule.ts'
import type { Timing } from '../../timing.ts'
import type { Toolkit } from '../../toolkit.ts'
import { inSeconds } from '../figures.ts'

/** What a timing cannot give, and why workers may follow late; undefined if there is nothing to say. */
export async function warningOf(
  toolkit: Toolkit,
  target: string,
  timing: Timing | undefined,
): Promise<string | undefined> {
  const warnings = await Promise.all([tooShort(toolkit, target, timing), queueAway(toolkit)])
  return warnings.filter((warning) => warning !== undefined).join('; ') || undefined
}

/** A change is stored in PostgreSQL, so it may be made while Redis is away. */
async function queueAway({ config: { redis } }: Toolkit): Promise<string | undefined> {
  if (!redis) return undefined
  return checkRedis(redis).then(
    () => undefined,
    (error: Error) => `${error.message}; the schedule is kept in PostgreSQL, and workers follow it once Redis is back`,
  )
}

async function tooShort({ pool }: Toolkit, target: string, timing: Timing | undefined): Promise<string | undefined> {
  if (timing === undefined || timing.kind === 'cron') return undefined
  const taken = await measuredRefresh(pool, target)
  if (taken === undefined) return undefined
  if (timing.kind === 'lag') return lagWarning(target, timing.ms, taken)
  if (taken <= timing.ms) return undefined
  return (
    `a refresh of ${target} takes ${inSeconds(taken)} (measured), longer than the interval of ${inSeconds(timing.ms)}: ` +
    'refreshes follow one another without a pause, and the lag cannot be held at the interval'
  )
}

/** Half of the time may go into refreshes: at a shorter lag one begins before the one before has ended. */
function lagWarning(target: string, lag: number, taken: number): string | undefined {
  if (lag >= 2 * taken) return undefined
  const kept = `refreshes follow one another without a pause, which is ${inSeconds(3_600_000)} of work each hour`
  return (
    `a refresh of ${target} takes ${inSeconds(taken)} (measured), so a lag of ${inSeconds(lag)} cannot be held: ${kept}, ` +
    `and readers see rows up to ${inSeconds(2 * taken)} old; the shortest lag that can be held is ${inSeconds(2 * taken)}`
  )
}
