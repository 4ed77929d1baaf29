import type { Materializer } from '../materializer.ts'
import { failureOf, type Observe } from '../observe.ts'
import { pause } from '../pause.ts'

/** Milliseconds between two attempts to open a target. */
const retryAfter = 5_000

/**
 * Tries to open a target until it succeeds or the signal aborts, and says each reason once.
 *
 * @param error why it could not be opened just now: then the first attempt waits
 */
export async function untilOpen(
  target: string,
  open: () => Promise<Materializer>,
  { observe, signal }: { observe?: Observe | undefined; signal: AbortSignal },
  error?: Error,
): Promise<Materializer | undefined> {
  let said = ''
  const say = (reason: Error): undefined => {
    if (reason.message !== said) observe?.({ kind: 'target.stopped', target, error: failureOf(reason) })
    said = reason.message
  }
  if (error) say(error)
  for (let waits = error !== undefined; ; waits = true) {
    if (waits) await pause(retryAfter, signal)
    if (signal.aborted) return undefined
    const opened = await open().catch(say)
    if (opened) return opened
  }
}
