import type { Cursor, Feed, Page, PageEnd } from '../feed.ts'
import { dropShownByRanges } from '../lease/range-snapshots.ts'
import type { Lease } from '../lease.ts'
import type { EventFed } from '../materializer.ts'
import type { Changes } from '../net-change/operations.ts'
import type { Caution } from './caution.ts'
import type { Failed, Projector } from './projector.ts'
import type { NamedEvent } from './refusal.ts'

/** A page that can be applied as soon as the one before it has been. */
export interface Ready {
  page: PageEnd
  /** How many it has. */
  events: number
  /** The first of them; undefined if it has none. */
  first: NamedEvent | undefined
  /** What they mean; if a handler failed, what those before it mean. */
  changes: Changes
  failed?: Failed | undefined
}

/** What it reads, and with what. */
interface ReaderSession {
  feed: Feed
  projector: Projector
  materializer: EventFed
  lease: Lease
  /** Most events of a page. */
  pageSize: number
  caution?: Caution | undefined
}

/** Events that are read at once. */
const partSize = 2_500

/**
 * Reads the log ahead of what is applied, and folds it page by page. A page is read in parts, and the events of a part are
 * let go once they are folded: what lives long the garbage collector has to carry along.
 */
export class PageReader {
  private readonly session: ReaderSession
  private limit: number
  private reached: Cursor
  private ahead: Promise<Page | undefined> | undefined

  constructor(session: ReaderSession) {
    this.session = session
    this.limit = session.pageSize
    this.reached = session.lease.cursor
  }

  /** The next page: what is known now, within one era, up to the limit. Undefined if everything known was read. */
  async next(): Promise<Ready | undefined> {
    let part = (await this.takeAhead()) ?? (await this.read(this.limit))
    if (!part) return undefined
    const ready: Ready = {
      page: part,
      events: 0,
      first: part.events[0],
      changes: { byKey: new Map(), wheres: [] },
    }
    while (part) {
      await this.add(part, ready)
      const isFull = ready.failed || ready.events >= this.limit
      part = isFull ? undefined : await this.takeAhead(ready.page.end.era)
    }
    this.limit = this.session.pageSize
    await this.dropShown(ready)
    return ready
  }

  /** What the snapshots of copied ranges show is in the rows; another connection asks, as a page may be on its way in ours. */
  private async dropShown({ changes, failed }: Ready): Promise<void> {
    const { lease, materializer } = this.session
    const { pool, definition } = materializer.context
    if (!failed) await dropShownByRanges(pool, definition, lease.ranges, changes)
  }

  /** Begins again behind what has been applied; the next page has at most `limit` events. */
  restart(limit: number): void {
    this.ahead = undefined
    this.reached = this.session.lease.cursor
    this.limit = limit
  }

  /** The part after it is read meanwhile. */
  private async add({ events, ...page }: Page, ready: Ready): Promise<void> {
    ready.page = page
    ready.events += events.length
    ready.first ??= events[0]
    this.reached = page.end
    const { caution, projector, lease } = this.session
    if (!caution) this.ahead = this.read(this.limit - ready.events || this.session.pageSize)
    this.ahead?.catch(() => {}) // reported when the page is taken
    if (ready.first) await caution?.enter(ready.first, ready.events)
    ready.failed = await projector.addChanges(ready.changes, events, lease)
  }

  private read(limit: number): Promise<Page | undefined> {
    return this.session.feed.read(this.reached, Math.min(limit, partSize))
  }

  /** @param era leaves a part of another era for later */
  private async takeAhead(era?: number): Promise<Page | undefined> {
    const part = await this.ahead
    if (part && era !== undefined && part.end.era !== era) return undefined
    this.ahead = undefined
    return part
  }
}
