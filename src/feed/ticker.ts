import type { Feed } from '../feed.ts'
import { pause } from '../pause.ts'

export interface TickerOptions {
  signal: AbortSignal
  /** Wait between two ticks while events come, in milliseconds; default 2. */
  busy?: number
  /** Longest wait between two ticks, in milliseconds; default 50. */
  idle?: number
  /** How often an empty tick records its snapshot, in milliseconds; default 1,000. */
  record?: number
}

/**
 * Ticks until the signal aborts: every `busy` milliseconds while there is something new, backing off by half each time
 * to `idle`. A hint ends the wait, at most once per `busy`. Hints may be lost; the poll is the promise.
 *
 * @throws what a tick throws; the caller opens a new feed
 */
export async function runTicker(feed: Feed, options: TickerOptions): Promise<void> {
  const { signal, busy = 2, idle = 50, record = 1_000 } = options
  let wait = busy
  let recorded = 0
  let hinted = false
  let endWait: (() => void) | undefined
  feed.hinted = () => {
    hinted = true
    endWait?.()
  }
  while (!signal.aborted) {
    const recordHead = hinted || Date.now() - recorded >= record
    hinted = false
    const { stored } = await feed.tick({ recordHead })
    if (recordHead || stored) recorded = stored ? 0 : Date.now()
    wait = stored ? busy : Math.min(wait * 1.5, idle)
    await pause(busy, signal)
    if (wait > busy && !hinted) {
      await pause(wait - busy, signal, (end) => {
        endWait = end
      })
    }
  }
}
