import type { Processor } from 'bullmq'
import type { Refreshed } from '../materializer.ts'
import { elapsed, failureOf, type Observe } from '../observe.ts'
import type { DatabaseClock } from './clock.ts'
import type { JobData, JobQueue } from './queue.ts'
import type { ScheduleRow } from './rows.ts'
import { tick, tickJob, tickOptions } from './tick.ts'

/** A target whose refreshes this process runs. */
export interface Refreshable {
  target: string
  /**
   * @param waited milliseconds since it was due
   * @returns undefined if the target is held: there is nothing to say then
   */
  refresh(signal: AbortSignal, waited: number): Promise<Refreshed | undefined>
}

/** What the work on a job rests on. */
export interface JobContext {
  queue: () => Promise<JobQueue>
  targets: ReadonlyMap<string, Refreshable>
  /** The schedule of a target, as it was read last. */
  row: (target: string) => ScheduleRow | undefined
  clock: DatabaseClock
  signal: AbortSignal
  observe: Observe | undefined
}

/** Works on both kinds of job. A refresh that fails fails its job only: the next tick comes all the same. */
export function jobProcessor(context: JobContext): Processor<JobData> {
  return async ({ name, data }) => {
    const refreshable = context.targets.get(data.target)
    const queue = await context.queue()
    if (!refreshable) return passOn(queue, name, data, context.observe)
    if (name === tickJob) return tick(queue, data, context.row(data.target), context.clock)
    const now = context.clock.now()
    return runRefresh(refreshable, Math.max(0, now - (data.due ?? now)), context) // one of an earlier version has no time
  }
}

async function runRefresh(
  { target, refresh }: Refreshable,
  waited: number,
  { signal, observe }: JobContext,
): Promise<Refreshed | undefined> {
  const began = performance.now()
  try {
    const refreshed = await refresh(signal, waited)
    if (!refreshed) return undefined
    const { outcome, milliseconds: ms, rows } = refreshed
    if (outcome === 'skipped') observe?.({ kind: 'refresh.skipped', target, ms })
    else observe?.({ kind: 'refresh.finished', target, ms, ...(rows !== undefined && { rows }) })
    return refreshed
  } catch (error) {
    observe?.({ kind: 'refresh.failed', target, ms: elapsed(began), error: failureOf(error) })
    throw error
  }
}

/** So often a job is passed on, each time after so many milliseconds, before it is dropped. */
const mostPasses = 10
const passAfter = 200

/**
 * Leaves a job to another process: workers may run different targets and share the queue. If nobody runs the target its job
 * is dropped; a process that does arms it again at its next reconciliation. A refresh needs no deduplication then: while
 * one runs, another is skipped.
 */
async function passOn(queue: JobQueue, name: string, data: JobData, observe: Observe | undefined): Promise<void> {
  const { target, passes = 0 } = data
  if (passes === mostPasses) observe?.({ kind: 'schedule.removed', target })
  else await queue.add(name, { ...data, passes: passes + 1 }, { ...tickOptions, delay: passAfter })
}
