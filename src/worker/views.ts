import { once } from 'node:events'
import type { Scheduled } from '../materializer.ts'
import { elapsed, failureOf } from '../observe.ts'
import { pause } from '../pause.ts'
import { type ScheduleOptions, startSchedule } from '../schedule.ts'
import type { Toolkit } from '../toolkit.ts'
import { KeptView, type ViewOptions } from './kept-view.ts'

/** Milliseconds between two attempts to begin the schedule. */
const retryAfter = 5_000

/**
 * Builds the views that have not been built, and refreshes all of them when they are due, until the signal aborts.
 *
 * @returns `ended`: when the refreshes that ran at the abort have ended. An object, because a promise would be awaited
 */
export async function startViews(
  toolkit: Toolkit,
  views: readonly Scheduled[],
  options: ViewOptions,
): Promise<{ ended: Promise<void> }> {
  const kept = views.map((view) => new KeptView(toolkit, view, options))
  const targets = await Promise.all(kept.map((one) => one.scheduled()))
  const began = performance.now()
  for (const one of kept) {
    one.build().catch((error) =>
      options.observe?.({
        kind: 'refresh.failed',
        target: one.target,
        ms: elapsed(began),
        attempt: 1,
        error: failureOf(error),
      }),
    )
  }
  return { ended: keepSchedule({ ...options, config: toolkit.config, targets }, options) }
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
