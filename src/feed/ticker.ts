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

/** Milliseconds by which the server's wait may end late before a tick goes by the other connection. */
const late = 100

/** Milliseconds without a window after which the server's looks are as far apart as its longest pause. */
const longAfter = 5_000
/** Milliseconds from a look of the server to the next: the first of a wait, and of all once nothing has come for long. */
const pauses = { first: 2, longest: 100 }

/**
 * Ticks until the signal aborts: every `busy` milliseconds while each tick finds something, else as soon as the server has
 * found something, which it looks for at least every 50 ms, or 100 ms once nothing has come for 5 s. A hint ends that wait, at
 * most once per `busy`. Hints may be lost; the server's look is the promise.
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
  let movedAt = performance.now()
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
    if (moved) movedAt = performance.now()
    if (recordHead && !moved) recorded = performance.now()
    else wanted ||= moved || asked
    await pause(busy, signal)
    if ((moved && wasMoved) || signal.aborted) continue
    const left = moved ? betweenRecords : recorded + (wanted ? betweenRecords : record) - performance.now()
    const isLong = performance.now() - movedAt > longAfter
    const wait = { atMost: Math.max(left, 1), pause: isLong ? pauses.longest : pauses.first }
    const hint = pause(wait.atMost + late, signal, (end) => {
      endWait = end
    })
    await Promise.race([feed.awaitNews(wait), hint]).finally(() => endWait?.())
  }
}

/** Whether there is a newer window after a tick, by whomever it was stored. */
async function moves(feed: Feed, recordHead: boolean): Promise<boolean> {
  const before = feed.latest.id
  await feed.tick({ recordHead })
  return feed.latest.id > before
}
