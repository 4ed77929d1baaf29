import type { JobSchedulerJson } from 'bullmq'
import { offsetOf } from '../timing.ts'
import { tickJob, tickOptions } from './jobs.ts'
import type { JobQueue } from './queue.ts'
import type { ScheduleRow } from './rows.ts'

/**
 * Makes the queue's job schedulers what the table says: changed ones are replaced, those whose row is gone or paused
 * are removed, and those that lost their next job (a flushed Redis, a deleted job) are armed again. One that is as it
 * should be is left alone: arming it anew would drop a job that is due at this moment.
 *
 * @param own the targets that this process runs; it arms no others
 */
export async function reconcileQueue(
  queue: JobQueue,
  rows: readonly ScheduleRow[],
  own: ReadonlySet<string>,
): Promise<void> {
  const active = rows.filter((row) => !row.paused)
  const wanted = new Set(active.map((row) => row.target))
  const standing = new Map((await queue.getJobSchedulers()).map((scheduler) => [scheduler.key, scheduler]))
  for (const target of standing.keys()) if (!wanted.has(target)) await queue.removeJobScheduler(target)
  for (const row of active) if (own.has(row.target)) await putRight(queue, row, standing.get(row.target))
  for (const target of own) await freeDeduplication(queue, target)
}

async function putRight(queue: JobQueue, row: ScheduleRow, standing: JobSchedulerJson | undefined): Promise<void> {
  if (standing && !isAsWanted(row, standing)) await queue.removeJobScheduler(row.target)
  else if (standing && (await isArmed(queue, standing))) return
  await arm(queue, row)
}

/** A pattern's time zone is always given, so that it does not depend on the worker's. */
async function arm(queue: JobQueue, { target, timing }: ScheduleRow): Promise<void> {
  const repeat =
    timing.kind === 'every'
      ? { every: timing.ms, offset: offsetOf(target, timing.ms) }
      : { pattern: timing.pattern, tz: timing.timeZone }
  await queue.upsertJobScheduler(target, repeat, { name: tickJob, data: { target }, opts: tickOptions })
}

const isAsWanted = ({ timing }: ScheduleRow, standing: JobSchedulerJson): boolean =>
  timing.kind === 'every'
    ? standing.every === timing.ms
    : standing.pattern === timing.pattern && standing.tz === timing.timeZone

/** Whether the scheduler's next job is there; read again where it is not, because it may have moved on meanwhile. */
async function isArmed(queue: JobQueue, standing: JobSchedulerJson): Promise<boolean> {
  if (await isPending(queue, `repeat:${standing.key}:${standing.next}`)) return true
  const again = await queue.getJobScheduler(standing.key)
  return again !== undefined && again.next !== standing.next
}

async function isPending(queue: JobQueue, id: string): Promise<boolean> {
  const state = await (await queue.getJob(id))?.getState()
  return state !== undefined && !['completed', 'failed', 'unknown'].includes(state)
}

/** A refresh job that was deleted by hand leaves its deduplication behind, which would keep every later one out. */
async function freeDeduplication(queue: JobQueue, target: string): Promise<void> {
  const holder = await queue.getDeduplicationJobId(target)
  if (!holder || (await isPending(queue, holder))) return
  if ((await queue.getDeduplicationJobId(target)) === holder) await queue.removeDeduplicationKey(target)
}
