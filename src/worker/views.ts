import { once } from 'node:events'
import { changedSettings } from '../drift.ts'
import type { Refreshed, Scheduled } from '../materializer.ts'
import { elapsed, failureOf, type Observe } from '../observe.ts'
import { pause } from '../pause.ts'
import { rebuildTarget } from '../rebuild.ts'
import { type ScheduledTarget, type ScheduleOptions, startSchedule } from '../schedule.ts'
import { configuredTiming } from '../timing.ts'
import type { Toolkit } from '../toolkit.ts'

/** Milliseconds between two attempts to begin the schedule. */
const retryAfter = 5_000

interface ViewOptions {
  observe: Observe | undefined
  signal: AbortSignal
}

/**
 * Builds the views that have not been built, and refreshes all of them when they are due, until the signal aborts.
 *
 * @returns `ended`: when the refreshes that ran at the abort have ended. An object, because a promise would be awaited
 */
export async function startViews(
  { config }: Pick<Toolkit, 'config'>,
  views: readonly Scheduled[],
  options: ViewOptions,
): Promise<{ ended: Promise<void> }> {
  const targets = await Promise.all(views.map((view) => scheduledTarget(view, options)))
  const began = performance.now()
  for (const view of views) {
    rebuildIfOutdated(view, options).catch((error) =>
      options.observe?.({
        kind: 'refresh.failed',
        target: view.context.target,
        ms: elapsed(began),
        error: failureOf(error),
      }),
    )
  }
  return { ended: keepSchedule({ ...options, config, targets }, options) }
}

const scheduledTarget = async (view: Scheduled, options: ViewOptions): Promise<ScheduledTarget> => ({
  target: view.context.target,
  timing: await configuredTiming(view.context.target, view.context.model),
  refresh: async (signal) => (await rebuildIfUnfit(view, options)) ?? view.refresh({ cause: 'schedule', signal }),
})

/** Settings are compared at the start only: two workers of different settings must not undo each other's work for ever. */
async function rebuildIfOutdated(view: Scheduled, options: ViewOptions): Promise<void> {
  const prepared = await view.prepare()
  const changed =
    prepared.state === 'ready' ? changedSettings(prepared.generation.settings, view.settings) : prepared.reason
  if (changed !== undefined) await rebuildTarget(view, changed, { ...options, evenIfFit: prepared.state === 'ready' })
}

async function rebuildIfUnfit(view: Scheduled, options: ViewOptions): Promise<Refreshed | undefined> {
  const prepared = await view.prepare()
  if (prepared.state === 'ready') return undefined
  const started = Date.now()
  const generation = await rebuildTarget(view, prepared.reason, options)
  const outcome = generation ? 'refreshed' : 'skipped'
  return { outcome, milliseconds: Date.now() - started, snapshot: undefined, rows: undefined }
}

/** A queue that is away (a Redis that is wrong or down) stops the schedule and nothing else. */
async function keepSchedule(schedule: ScheduleOptions, { observe, signal }: ViewOptions): Promise<void> {
  let said = ''
  const failed = (error: Error): undefined => {
    if (error.message !== said && !signal.aborted)
      observe?.({ kind: 'schedule.failed', step: 'start', error: failureOf(error) })
    said = error.message
  }
  while (!signal.aborted) {
    const running = await startSchedule(schedule).catch(failed)
    if (running) {
      if (!signal.aborted) await once(signal, 'abort')
      return running.close()
    }
    await pause(retryAfter, signal)
  }
}
