import type { Processor } from 'bullmq'
import type { Refreshed } from '../materializer.ts'
import { elapsed, failureOf, type Observe } from '../observe.ts'
import { pause } from '../pause.ts'
import { nextRun } from '../timing.ts'
import type { DatabaseClock } from './clock.ts'
import type { JobData, JobQueue } from './queue.ts'
import { Retries } from './retry.ts'
import type { ScheduleRow } from './rows.ts'
import { tick, tickJob, tickOptions } from './tick.ts'

/** A target whose refreshes this process runs. */
export interface Refreshable {
  target: string
  /**
   * @param options.waited milliseconds since it was due
   * @param options.attempt 1, or how often it is tried
   * @returns undefined if the target is held: there is nothing to say then
   */
  refresh(signal: AbortSignal, options: { waited: number; attempt: number }): Promise<Refreshed | undefined>
}

/** What the work on a job rests on. */
export interface JobContext {
  queue: () => Promise<JobQueue>
  targets: ReadonlyMap<string, Refreshable>
  /** The schedule of a target, as it was read last. */
  row: (target: string) => ScheduleRow | undefined
  clock: DatabaseClock
  /** Cancels what runs. */
  signal: AbortSignal
  /** Ends the pauses between attempts, and lets what runs end. */
  stopping: AbortSignal
  observe: Observe | undefined
}

/** Works on both kinds of job. A refresh that fails, and is not tried again, fails its job only: the next tick comes all the same. */
export function jobProcessor(context: JobContext): Processor<JobData> {
  return async ({ name, data }) => {
    const refreshable = context.targets.get(data.target)
    const queue = await context.queue()
    if (!refreshable) return passOn(queue, name, data, context.observe)
    if (name === tickJob) return tick(queue, data, context.row(data.target), context.clock)
    return refreshUntilDone(refreshable, data.due ?? context.clock.now(), context) // one of an earlier version has no time
  }
}

/** Tries a refresh again for as long as its failures may pass. Ticks that come meanwhile leave one refresh behind it. */
async function refreshUntilDone(
  refreshable: Refreshable,
  due: number,
  context: JobContext,
): Promise<Refreshed | undefined> {
  const retries = new Retries()
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryRefresh(refreshable, { due, attempt, retries }, context)
    if ('refreshed' in outcome) return outcome.refreshed
    if (outcome.retryInMs === undefined) throw outcome.error
    await pause(outcome.retryInMs, context.stopping)
    if (context.stopping.aborted) throw outcome.error
  }
}

type Outcome = { refreshed: Refreshed | undefined } | { error: unknown; retryInMs: number | undefined }

interface Attempt {
  due: number
  attempt: number
  retries: Retries
}

async function tryRefresh(
  { target, refresh }: Refreshable,
  { due, attempt, retries }: Attempt,
  context: JobContext,
): Promise<Outcome> {
  const { signal, observe, clock } = context
  const began = performance.now()
  try {
    const refreshed = await refresh(signal, { waited: Math.max(0, clock.now() - due), attempt })
    if (!refreshed) return { refreshed }
    const { outcome, milliseconds: ms, rows } = refreshed
    if (outcome === 'skipped') observe?.({ kind: 'refresh.skipped', target, ms })
    else observe?.({ kind: 'refresh.finished', target, ms, ...(rows !== undefined && { rows }) })
    return { refreshed }
  } catch (error) {
    const retryInMs = await retryAfter(target, error, retries, context)
    const again = retryInMs === undefined ? {} : { retryInMs }
    observe?.({ kind: 'refresh.failed', target, ms: elapsed(began), attempt, ...again, error: failureOf(error) })
    return { error, retryInMs }
  }
}

/** Milliseconds until it is tried again; undefined if that is left to the next regular run. */
async function retryAfter(
  target: string,
  error: unknown,
  retries: Retries,
  { row, clock, stopping }: JobContext,
): Promise<number | undefined> {
  const retry = stopping.aborted ? undefined : retries.after(error)
  if (!retry) return undefined
  const schedule = row(target)
  const regular = schedule && (await nextRun(target, schedule.timing, clock.now()).catch(() => undefined))
  const isSooner = regular !== undefined && regular - clock.now() < retry.after
  return isSooner && !retry.keepsRegularRuns ? undefined : retry.after
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
