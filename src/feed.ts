import type pg from 'pg'
import { openClient } from './database.ts'
import { cutPage, cutPart } from './feed/cut.ts'
import type { Page } from './feed/page.ts'
import { RecentWindows } from './feed/recent.ts'
import { largestHeldWindow, refuseStandby, type Tick, type TickOptions, tick } from './feed/tick.ts'
import { windowGone } from './feed/window-gone.ts'
import type { Cursor } from './schema/consumers.ts'
import { awaitEvents, type OutboxRow, readLargeWindow, readSmallWindows, type Wait } from './schema/outbox.ts'
import { lastWindow, type Window, windowsFrom } from './schema/windows.ts'
import type { Snapshot } from './snapshot.ts'
import { Turns } from './turns.ts'

export type { Page, PageEnd } from './feed/page.ts'
export type { Cursor } from './schema/consumers.ts'
export type { FeedEvent } from './schema/outbox.ts'
export { lastOrdinal, type Window } from './schema/windows.ts'
export { isVisible, parseSnapshot, type Snapshot } from './snapshot.ts'

/**
 * Planner settings of the feed's and the consumers' own connections. Their statements are prepared once, often while a
 * table is empty; without these settings such a plan scans or hashes a table that has grown since (measured: five times
 * the CPU). Builds, recomputes and reads use the planner's defaults.
 */
export const feedSettings: Record<string, string> = {
  jit: 'off',
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_bitmapscan: 'off',
}

/** The channel of the hints that something was committed. A hint may be lost; the poll is the promise. */
export const wakeChannel = 'trifold_wake'

/** Most windows that one page may span. */
const windowsPerPage = 1_000

/** A reader that so many windows follow is not behind. */
const fewWindows = 100

/**
 * The log as one process reads it: it ticks, hands the rows of its own windows to its readers, and reads what others
 * stored. Two connections, so that a backlog is read without delaying the ticks; hints come on the one that reads, as the
 * server may wait on the other.
 */
export class Feed {
  private readonly ticking: pg.Client
  private readonly reading: pg.Client
  private newest: Window
  private quiet: Snapshot | undefined
  /** The server's wait on the connection that ticks. */
  private waiting: Promise<void> | undefined
  /** A place in the server's log that is written for good, as of the last tick that recorded the head. */
  written: string | undefined
  private readonly recent = new RecentWindows()
  private readonly reads = new Turns(1)
  /** A window of which a reader has taken a part: with its rows if it is small, else with its predecessor. */
  private begun: { window: Window; previous: Window; rows: OutboxRow[] | undefined } | undefined
  private listeners = new Set<() => void>()

  private constructor(ticking: pg.Client, reading: pg.Client, newest: Window) {
    this.ticking = ticking
    this.reading = reading
    this.newest = newest
    reading.on('notification', () => this.hinted?.())
    reading.once('end', () => void ticking.end().catch(() => {})) // the next tick fails, and the worker opens the next feed
  }

  /**
   * @param options.forOne for one reader, who ticks when it wants more: one connection is enough then. Default false
   * @throws DATABASE_UNREACHABLE, DATABASE_STANDBY
   */
  static async open(databaseUrl: string, { forOne = false }: { forOne?: boolean } = {}): Promise<Feed> {
    const ticking = await openClient(databaseUrl, { name: forOne ? 'reader' : 'ticker', settings: feedSettings })
    let feed: Feed | undefined
    try {
      await refuseStandby(ticking)
      const newest = await lastWindow(ticking)
      if (forOne) return new Feed(ticking, ticking, newest)
      const reading = await openClient(databaseUrl, { name: 'reader', settings: feedSettings })
      feed = new Feed(ticking, reading, newest) // if the connection breaks, it has to be there to notice
      await reading.query(`listen ${wakeChannel}`)
      return feed
    } catch (error) {
      await (feed?.close() ?? ticking.end())
      throw error
    }
  }

  /** Set by the loop that ticks: called at every hint. */
  hinted: (() => void) | undefined

  /** The newest window that this process knows. */
  get latest(): Window {
    return this.newest
  }

  /** One tick; see {@link tick}. Wakes waiting readers when there is a new window. */
  async tick(options: Omit<TickOptions, 'last' | 'quiet'> = {}): Promise<Tick> {
    const client = this.waiting ? this.reading : this.ticking
    const result = await tick(client, { ...options, last: this.newest, quiet: this.quiet })
    this.written = result.written ?? this.written
    if (result.window.id === this.newest.id) this.quiet = result.quiet ?? this.quiet
    if (result.window.id > this.newest.id) {
      this.newest = result.window
      this.quiet = result.quiet
      if (result.rows) this.recent.keep(result.window, result.rows)
      for (const listener of [...this.listeners]) listener()
    }
    return result
  }

  /**
   * Lets the server wait until something may follow the newest window. One wait at a time: meanwhile ticks go by the other
   * connection.
   */
  awaitNews(wait: Wait): Promise<void> {
    const since = this.quiet ?? this.newest.snapshot
    this.waiting ??= awaitEvents(this.ticking, this.newest, since, wait).finally(() => {
      this.waiting = undefined
    })
    this.waiting.catch(() => {}) // the next tick fails too
    return this.waiting
  }

  /**
   * The next page after `cursor`, or undefined if there is none: several whole small windows, or a part of a large
   * one. A page lies within one era.
   *
   * @param limit most events of the page
   * @throws FEED_INCOMPLETE if windows or rows that follow the cursor are gone
   */
  async read(cursor: Cursor, limit: number): Promise<Page | undefined> {
    const recent = this.readRecent(cursor, limit)
    if (recent || this.newest.id <= cursor.window) return recent
    return this.reads.run(async () => this.readRecent(cursor, limit) ?? (await this.readLog(cursor, limit)))
  }

  private readRecent(cursor: Cursor, limit: number): Page | undefined {
    const recent = this.recent.after(cursor, cursor.position === undefined ? limit : 0)
    return recent && cutPage(cursor, recent.windows, recent.lists, limit)
  }

  private async readLog(cursor: Cursor, limit: number): Promise<Page | undefined> {
    if (cursor.position !== undefined && this.begun?.window.id === cursor.window + 1) {
      return this.readOn(cursor, this.begun, limit)
    }
    const ahead = cursor.position === undefined ? windowsPerPage : 1
    const [previous, ...following] = await windowsFrom(this.reading, cursor.window, ahead)
    if (previous?.id !== cursor.window) throw windowGone(cursor)
    const windows = windowsOfPage(following, limit)
    const window = windows[0]
    if (!window) return undefined
    const isSmall = window.eventCount <= Math.max(limit, largestHeldWindow)
    const lists = isSmall ? await readSmallWindows(this.reading, previous, windows) : undefined
    if (lists && this.newest.id - cursor.window <= fewWindows) this.keep(windows, lists)
    if (lists && windows.length > 1) return cutPage(cursor, windows, lists, limit)
    this.begun = { window, previous, rows: lists?.[0] }
    return this.readOn(cursor, this.begun, limit)
  }

  /** Others of this process have not read them either, if they follow the log closely. */
  private keep(windows: Window[], lists: OutboxRow[][]): void {
    for (const [place, window] of windows.entries()) this.recent.keep(window, lists[place] as OutboxRow[])
  }

  /** The next part of one window. */
  private async readOn(cursor: Cursor, begun: NonNullable<Feed['begun']>, limit: number): Promise<Page> {
    const { window, previous, rows } = begun
    if (rows) return cutPage(cursor, [window], [rows], limit)
    const found = await readLargeWindow(this.reading, previous.snapshot, window, cursor.position ?? 0, limit)
    return cutPart(cursor, window, found, limit)
  }

  /** Resolves once a window newer than `id` is known, after `milliseconds`, or when the signal aborts. */
  async waitBeyond(id: number, milliseconds: number, signal: AbortSignal): Promise<void> {
    if (this.newest.id > id || signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.listeners.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, milliseconds)
      this.listeners.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  /** So that the server's session ends with the connection, and not after its wait. */
  private async endWait(): Promise<void> {
    const { processID } = this.ticking as { processID?: number }
    await this.reading.query('select pg_cancel_backend($1::integer)', [processID])
  }

  /** Closes its connections. */
  async close(): Promise<void> {
    if (this.waiting) await this.endWait().catch(() => {})
    await Promise.allSettled([this.reading.end(), this.ticking.end()])
  }
}

/** The windows of one era from the start of `following` that fit into one page together, at least one. */
function windowsOfPage(following: Window[], limit: number): Window[] {
  const windows: Window[] = []
  let events = 0
  for (const window of following) {
    events += window.eventCount
    if (windows[0] && (window.era !== windows[0].era || events > limit)) break
    windows.push(window)
  }
  return windows
}
