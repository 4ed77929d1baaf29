import { TrifoldError } from '../errors.ts'
import { timingOf } from '../schedule.ts'
import { type PastSchedule, storedChanges } from '../schema/schedule-changes.ts'
import type { Timing } from '../timing.ts'
import type { Toolkit } from '../toolkit.ts'
import { targetsNamed } from './targets-named.ts'

/** A schedule as it was. */
export interface ScheduleThen {
  timing: Timing
  paused: boolean
  source: 'config' | 'operator'
}

/** A change of a schedule. */
export interface ScheduleChange {
  target: string
  /** ISO 8601 in UTC. */
  at: string
  /** The role of the session that made it, and the name of its application: `trifold toolkit` is a command or an application. */
  role: string
  application: string
  /** Of the client; undefined through a local socket. */
  address: string | undefined
  /** Undefined if there was none, and if there is none any more. */
  before: ScheduleThen | undefined
  after: ScheduleThen | undefined
}

const largestLimit = 10_000

/**
 * Who changed the schedules of views, the newest change first. All changes are kept, also those that were made by hand.
 *
 * @param names targets or read models; default all that are configured
 * @param options.limit most changes; default 50
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, HISTORY_INVALID
 */
export async function scheduleChanges(
  toolkit: Toolkit,
  names: readonly string[] = [],
  { limit = 50 }: { limit?: number | undefined } = {},
): Promise<ScheduleChange[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > largestLimit)
    throw new TrifoldError(
      'HISTORY_INVALID',
      `schedule: the limit ${limit} is none; ask for 1 to ${largestLimit} changes`,
    )
  const targets = names.length === 0 ? toolkit.targetNames : targetsNamed(toolkit, names)
  const changes = await storedChanges(toolkit.pool, targets, limit)
  return changes.map(({ before, after, address, ...change }) => ({
    ...change,
    address: address ?? undefined,
    before: before ? thenOf(before) : undefined,
    after: after ? thenOf(after) : undefined,
  }))
}

const thenOf = (row: PastSchedule): ScheduleThen => ({
  timing: timingOf(row),
  paused: row.paused === 'true',
  source: row.source,
})
