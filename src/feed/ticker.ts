import type { Feed } from '../feed.ts'
import { pause } from '../pause.ts'

export interface TickerOptions {
  signal: AbortSignal
  /** Wait between two ticks while events come, in milliseconds; default 2. */
  busy?: number
  /** How often an empty tick records its snapshot, in milliseconds; default 1,000. */
  record?: number
}

/** Least time between two records of a snapshot, in milliseconds: each is a commit. */
const betweenRecords = 20

/**
 * Ticks until the signal aborts: every `busy` milliseconds while each tick finds something, else as soon as the server has
 * found something, which it looks for at least every 50 ms. A hint ends that wait, at most once per `busy`. Hints may be
 * lost; the server's look is the promise.
 *
 * The snapshot of an empty tick is recorded every `record` milliseconds, and soon after a hint or after windows that no
 * other follows: then lag reaches zero, and who waits for a commit without events is answered.
 *
 * @throws what a tick throws; the caller opens a new feed
 */
export async function runTicker(feed: Feed, options: TickerOptions): Promise<void> {
  const { signal, busy = 2, record = 1_000 } = options
  let recorded = Number.NEGATIVE_INFINITY
  let wanted = true
  let moved = false
  let endWait: (() => void) | undefined
  feed.hinted = () => {
    wanted = true
    endWait?.()
  }
  while (!signal.aborted) {
    const recordHead = performance.now() - recorded >= (wanted ? betweenRecords : record)
    const asked: boolean = wanted
    wanted = false
    const wasMoved = moved
    moved = await moves(feed, recordHead)
    if (recordHead && !moved) recorded = performance.now()
    else wanted ||= moved || asked
    await pause(busy, signal)
    if ((moved && wasMoved) || signal.aborted) continue
    const left = moved ? betweenRecords : recorded + (wanted ? betweenRecords : record) - performance.now()
    const hint = pause(Math.max(left, 1), signal, (end) => {
      endWait = end
    })
    await Promise.race([feed.awaitNews(Math.max(left, 1)), hint]).finally(() => endWait?.())
  }
}

/** Whether there is a newer window after a tick, by whomever it was stored. */
async function moves(feed: Feed, recordHead: boolean): Promise<boolean> {
  const before = feed.latest.id
  await feed.tick({ recordHead })
  return feed.latest.id > before
}
