import type pg from 'pg'
import { runTicker } from '../feed/ticker.ts'
import { Feed } from '../feed.ts'
import { leaseMilliseconds } from '../lease-time.ts'
import { failureOf, type Observe } from '../observe.ts'
import { pause } from '../pause.ts'
import { SeenLog } from './seen-log.ts'

const retryAfter = 500
/** A feed that nobody has needed for so many milliseconds is closed. */
const unneededFor = leaseMilliseconds

/**
 * Keeps one feed open and ticking for all consumers of a process, and opens the next if its connection breaks. While the
 * process has nothing to consume, the feed is closed.
 */
export class SharedFeed {
  private readonly databaseUrl: string
  private readonly signal: AbortSignal
  private readonly observe: Observe | undefined
  private readonly log = new SeenLog()
  private readonly isNeeded: () => boolean
  private failures = 0
  private opened: Feed | undefined
  private feed: Promise<Feed>
  private offer: (feed: Feed) => void = () => {}

  constructor(databaseUrl: string, signal: AbortSignal, observe?: Observe, isNeeded = () => true) {
    this.databaseUrl = databaseUrl
    this.signal = signal
    this.observe = observe
    this.isNeeded = isNeeded
    this.feed = this.nextFeed()
  }

  /**
   * Compares the log of a database that was connected again with what was seen of it. A consumer that is connected before the
   * feed would else take it for another's.
   */
  async compareLog(client: pg.ClientBase): Promise<void> {
    if (this.opened) this.log.keep(this.opened)
    await this.log.compare(client, this.observe)
  }

  /** The feed that is open now, or the next one. */
  current(): Promise<Feed> {
    return this.feed
  }

  /** Ticks until the signal aborts. */
  async run(): Promise<void> {
    while (!this.signal.aborted) {
      const feed = this.isNeeded() ? await this.open().catch((error: Error) => this.report(error)) : undefined
      if (feed) {
        this.failures = 0
        this.observe?.({ kind: 'feed.opened', window: feed.latest.id })
        this.opened = feed
        this.offer(feed)
        await this.tick(feed)
        this.log.keep(feed)
        this.opened = undefined
        this.feed = this.nextFeed()
        await feed.close()
      }
      await pause(retryAfter, this.signal)
    }
  }

  /** Nobody reads from a feed before its log was compared with what was seen of it. */
  private async open(): Promise<Feed> {
    const feed = await Feed.open(this.databaseUrl)
    try {
      await this.log.begin(this.databaseUrl, feed, this.observe)
      return feed
    } catch (error) {
      await feed.close()
      throw error
    }
  }

  /** Until the connection breaks, or nobody needs the feed any more. */
  private async tick(feed: Feed): Promise<void> {
    const unneeded = new AbortController()
    let needed = performance.now()
    const looking = setInterval(() => {
      if (this.isNeeded()) needed = performance.now()
      else if (performance.now() - needed > unneededFor) unneeded.abort()
    }, retryAfter)
    const signal = AbortSignal.any([this.signal, unneeded.signal])
    await runTicker(feed, { signal }).catch((error: Error) => this.report(error))
    clearInterval(looking)
  }

  private report(error: Error): undefined {
    this.failures += 1
    if (!this.signal.aborted) this.observe?.({ kind: 'feed.broken', attempt: this.failures, error: failureOf(error) })
    return undefined
  }

  private nextFeed(): Promise<Feed> {
    return new Promise((resolve) => {
      this.offer = resolve
    })
  }
}
