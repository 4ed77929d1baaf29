import type { Scheduled } from 'trifold/internal/materializer'
import { elapsed, failureOf, type Observe } from 'trifold/internal/observe'
import { pause } from 'trifold/internal/pause'
import { nextRun, type Timing } from 'trifold/internal/timing'

/**
 * Refreshes a view when it is due, until the signal aborts. The queue that spreads refreshes over several workers is left
 * out: a comparison has one, and leaves no queue behind.
 */
export async function refreshView(
  view: Scheduled,
  timing: Timing,
  signal: AbortSignal,
  observe: Observe,
): Promise<void> {
  const { target } = view.context
  while (!signal.aborted) {
    const due = (await nextRun(target, timing, Date.now() + 1)) ?? Number.POSITIVE_INFINITY
    await pause(Math.min(due - Date.now(), 2 ** 31 - 1), signal)
    if (signal.aborted) return
    const began = performance.now()
    await view
      .refresh({ cause: 'schedule', signal })
      .catch((error) =>
        observe({ kind: 'refresh.failed', target, ms: elapsed(began), attempt: 1, error: failureOf(error) }),
      )
  }
}
