import { readSchedules } from '../schedule.ts'
import { storedSums } from '../schema/refreshes/history.ts'
import type { Toolkit } from '../toolkit.ts'
import { type HistoryOptions, history, localZone, mostRuns } from './history.ts'
import { failed, late, type NightFinding, slow } from './night/findings.ts'
import { missed } from './night/missed.ts'
import { status, type TargetStatus } from './status.ts'

export type { NightFinding } from './night/findings.ts'

/** What there is to say of a target in the morning. */
export interface TargetNight extends Pick<TargetStatus, 'target' | 'verdict' | 'reason'> {
  /** What was missed, late, failed or slower than usual; none if all was well. */
  findings: NightFinding[]
}

/** A period in which nobody looked. Times are ISO 8601 in UTC. */
export interface Night {
  since: string
  until: string
  timeZone: string
  /** Whether there is no finding, and no target is red now. */
  ok: boolean
  targets: TargetNight[]
}

/** Which period to look at. */
export type NightOptions = Pick<HistoryOptions, 'since' | 'timeZone'>

/** What is usual is that of so many milliseconds before the period. */
const usualOf = 7 * 86_400_000

/**
 * What was missed, late, failed or slower than usual, since yesterday evening.
 *
 * @param options.since as {@link history} takes it; default `yesterday 18:00`
 * @throws HISTORY_INVALID
 */
export async function night(
  toolkit: Toolkit,
  { since = 'yesterday 18:00', timeZone = localZone() }: NightOptions = {},
): Promise<Night> {
  const [past, now, schedules] = await Promise.all([
    history(toolkit, [], { since, timeZone, limit: mostRuns }),
    status(toolkit),
    readSchedules(toolkit.pool),
  ])
  const before = { since: new Date(Date.parse(past.since) - usualOf).toISOString(), until: past.since }
  const usual = await storedSums(toolkit.pool, toolkit.targetNames, before)
  const targets = await Promise.all(
    now.targets.map(async ({ target, verdict, reason }): Promise<TargetNight> => {
      const one = past.targets.find((other) => other.target === target)
      if (!one) return { target, verdict, reason, findings: [] }
      const took = usual.find((row) => row.target === target)?.p50
      const schedule = schedules.find((row) => row.target === target)
      const findings = [
        await missed(one, schedule, past),
        late(one),
        failed(one),
        slow(one, took ? Number(took) : undefined),
      ]
      return { target, verdict, reason, findings: findings.flat() }
    }),
  )
  const ok = targets.every(({ verdict, findings }) => verdict !== 'red' && findings.length === 0)
  return { since: past.since, until: past.until, timeZone, ok, targets }
}
