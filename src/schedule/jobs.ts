import type { JobsOptions, Processor } from 'bullmq'
import type { Refreshed } from '../materializer.ts'
import { elapsed, failureOf, type Observe } from '../observe.ts'
import type { JobData, JobQueue } from './queue.ts'

/** The job of the queue's own scheduler: it only adds the refresh, so it is never late because a refresh is long. */
export const tickJob = 'tick'

const refreshJob = 'refresh'

/** Ended ticks are removed: their ids are times, and one that stays could block the next of that time. */
export const tickOptions: JobsOptions = { removeOnComplete: true, removeOnFail: true }

/**
 * While a refresh of the target waits, a further one is dropped; while one runs, one more is remembered and added at
 * its end. So there are never two at once, and never more than one waiting, however long a refresh takes.
 */
const refreshOptions = (target: string): JobsOptions => ({
  deduplication: { id: target, keepLastIfActive: true },
  removeOnComplete: { count: 50 },
  removeOnFail: { count: 50 },
})

/** A target whose refreshes this process runs. */
export interface Refreshable {
  target: string
  refresh(signal: AbortSignal): Promise<Refreshed>
}

/** Works on both kinds of job. A refresh that fails fails its job only: the next tick comes all the same. */
export function jobProcessor(
  queue: () => Promise<JobQueue>,
  targets: ReadonlyMap<string, Refreshable>,
  signal: AbortSignal,
  observe: Observe | undefined,
): Processor<JobData> {
  return async ({ name, data: { target } }) => {
    const refreshable = targets.get(target)
    if (!refreshable) return unknownTarget(await queue(), target, observe)
    if (name === tickJob) {
      await (await queue()).add(refreshJob, { target }, refreshOptions(target))
      return undefined
    }
    return runRefresh(refreshable, signal, observe)
  }
}

async function runRefresh(
  { target, refresh }: Refreshable,
  signal: AbortSignal,
  observe: Observe | undefined,
): Promise<Refreshed> {
  const began = performance.now()
  try {
    const refreshed = await refresh(signal)
    const { outcome, milliseconds: ms, rows } = refreshed
    if (outcome === 'skipped') observe?.({ kind: 'refresh.skipped', target, ms })
    else observe?.({ kind: 'refresh.finished', target, ms, ...(rows !== undefined && { rows }) })
    return refreshed
  } catch (error) {
    observe?.({ kind: 'refresh.failed', target, ms: elapsed(began), error: failureOf(error) })
    throw error
  }
}

/** A process that runs the target arms it again at its next reconciliation; one that is gone is not ticked for ever. */
async function unknownTarget(queue: JobQueue, target: string, observe: Observe | undefined): Promise<undefined> {
  observe?.({ kind: 'schedule.removed', target })
  await queue.removeJobScheduler(target)
}
