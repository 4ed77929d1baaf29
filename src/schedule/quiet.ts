import { failureOf, type Observe } from '../observe.ts'

const interval = 60_000

/**
 * A listener for errors that come again and again while an engine is away: each message is said once a minute, with how
 * often it has come since it was said before.
 */
export function quiet(observe: Observe | undefined): (error: Error) => void {
  const seen = new Map<string, { at: number; count: number }>()
  return (error) => {
    const now = performance.now()
    const count = (seen.get(error.message)?.count ?? 0) + 1
    const at = seen.get(error.message)?.at ?? Number.NEGATIVE_INFINITY
    const isDue = now - at >= interval
    if (seen.size > 100) seen.clear()
    seen.set(error.message, isDue ? { at: now, count: 0 } : { at, count })
    if (isDue) observe?.({ kind: 'queue.failed', count, error: failureOf(error) })
  }
}
