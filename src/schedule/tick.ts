import type { JobsOptions } from 'bullmq'
import { nextRun, shownTiming } from '../timing.ts'
import type { DatabaseClock } from './clock.ts'
import type { JobData, JobQueue } from './queue.ts'
import type { ScheduleRow } from './rows.ts'

/** A job that waits for the time at which a target is due; it only adds the refresh, so it is never late because one is long. */
export const tickJob = 'tick'

const refreshJob = 'refresh'

/** Ended ticks are removed: their ids are times, and one that stays could block the next of that time. */
export const tickOptions: JobsOptions = { removeOnComplete: true, removeOnFail: true }

/** So much may a tick be early, and its time in the queue be off, in milliseconds. */
export const tolerance = 1_500

/**
 * While a refresh of the target waits, a further one is dropped; while one runs, one more is remembered and added at
 * its end. So there are never two at once, and never more than one waiting, however long a refresh takes.
 *
 * @param due when it was due, by the database's clock, in milliseconds since 1970
 */
export async function addRefresh(queue: JobQueue, target: string, due: number): Promise<void> {
  await queue.add(
    refreshJob,
    { target, due },
    {
      deduplication: { id: target, keepLastIfActive: true },
      removeOnComplete: { count: 50 },
      removeOnFail: { count: 50 },
    },
  )
}

/**
 * Arms the tick of a target: a single job that waits until the target is due. Two processes that arm the same tick make
 * one job. BullMQ compares times with the clock of the machine, so the wait is given and not the time.
 *
 * @param after milliseconds since 1970: the target is due at the first time that is later
 */
export async function arm(
  queue: JobQueue,
  row: Pick<ScheduleRow, 'target' | 'timing' | 'last'>,
  clock: DatabaseClock,
  after: number,
): Promise<void> {
  const { target, timing, last } = row
  const due = await nextRun(target, timing, Math.floor(after) + 1, last)
  if (due === undefined) return
  await add(queue, { target, due, timing: shownTiming(timing) }, clock, `${tickJob}.${target}.${due}`)
}

/** Arms a tick again that came too early. It has another id than the job that is still at work. */
async function putOff(queue: JobQueue, data: JobData, clock: DatabaseClock): Promise<void> {
  await add(queue, data, clock, `${tickJob}.${data.target}.${data.due}.${Math.round(clock.now())}`)
}

async function add(queue: JobQueue, data: JobData, clock: DatabaseClock, jobId: string): Promise<void> {
  const delay = Math.max(0, Math.round((data.due as number) - clock.now()))
  await queue.add(tickJob, data, { ...tickOptions, jobId, delay })
}

/**
 * Works on a tick: adds the refresh and arms the next tick. One that is early by the database's clock, because the clock of
 * the machine was set forward, waits for its time again.
 *
 * @param row as it was read last; undefined if it has not been read yet
 */
export async function tick(
  queue: JobQueue,
  data: JobData,
  row: ScheduleRow | undefined,
  clock: DatabaseClock,
): Promise<void> {
  const { target, due = 0 } = data
  if (due - clock.now() > tolerance) return putOff(queue, data, clock)
  if (row?.paused) return
  await addRefresh(queue, target, due)
  if (!row) return
  const now = Math.max(clock.now(), due)
  const last = row.pace && { at: now, interval: row.pace.interval } // of the refresh that was just added
  await arm(queue, { ...row, last }, clock, now)
}
