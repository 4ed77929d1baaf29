import type { Materializer } from '../materializer.ts'
import { failureOf, type Observe } from '../observe.ts'
import { pause } from '../pause.ts'
import type { BrokenTarget } from '../toolkit/targets.ts'
import type { Toolkit } from '../toolkit.ts'

/** Milliseconds between two attempts to open a broken target. */
const retryAfter = 5_000

/** Tries to open a broken target until it succeeds or the signal aborts, and says each reason once. */
export async function untilOpen(
  toolkit: Toolkit,
  { target, error }: BrokenTarget,
  { observe, signal }: { observe?: Observe | undefined; signal: AbortSignal },
): Promise<Materializer | undefined> {
  let said = ''
  const say = (reason: Error) => {
    if (reason.message !== said) observe?.({ kind: 'target.stopped', target, error: failureOf(reason) })
    said = reason.message
  }
  say(error)
  for (;;) {
    await pause(retryAfter, signal)
    if (signal.aborted) return undefined
    const opened = await toolkit.reopened(target).catch(say)
    if (opened) return opened
  }
}
