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

/** Least time between two records of a snapshot, in milliseconds: each is a commit. */
const betweenRecords = 20

/**
 * Ticks until the signal aborts: every `busy` milliseconds while there is something new, backing off by half each time
 * to `idle`. A hint ends the wait, at most once per `busy`. Hints may be lost; the poll is the promise.
 *
 * The snapshot of an empty tick is recorded every `record` milliseconds, and soon after a window or a hint: then lag
 * reaches zero, and who waits for a commit without events is answered.
 *
 * @throws what a tick throws; the caller opens a new feed
 */
export async function runTicker(feed: Feed, options: TickerOptions): Promise<void> {
  const { signal, busy = 2, idle = 50, record = 1_000 } = options
  let wait = busy
  let recorded = 0
  let wanted = true
  let endWait: (() => void) | undefined
  feed.hinted = () => {
    wanted = true
    endWait?.()
  }
  while (!signal.aborted) {
    const recordHead = Date.now() - recorded >= (wanted ? betweenRecords : record)
    const asked: boolean = wanted
    wanted = false
    const moved = await moves(feed, recordHead)
    if (recordHead && !moved) recorded = Date.now()
    else wanted ||= moved || asked
    wait = moved || wanted ? busy : Math.min(wait * 1.5, idle)
    await pause(busy, signal)
    if (wait > busy && !wanted) {
      await pause(wait - busy, signal, (end) => {
        endWait = end
      })
    }
  }
}

/** Whether there is a newer window after a tick, by whomever it was stored. */
async function moves(feed: Feed, recordHead: boolean): Promise<boolean> {
  const before = feed.latest.id
  await feed.tick({ recordHead })
  return feed.latest.id > before
}
