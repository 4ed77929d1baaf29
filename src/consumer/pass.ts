import type pg from 'pg'
import { isTrifoldError } from '../errors.ts'
import { faultPoint } from '../fault.ts'
import type { Cursor, Feed, Page, PageEnd } from '../feed.ts'
import type { Applied, Materializer } from '../materializer.ts'
import type { Changes } from './fold.ts'
import type { Handled, Handling } from './handle.ts'
import type { Lease } from './lease.ts'
import { forgetRowSnapshots } from './row-snapshots.ts'

/** What a consumer works with while it holds a lease. */
export interface Session {
  materializer: Materializer
  handling: Handling
  feed: Feed
  client: pg.ClientBase
  lease: Lease
  /** Most events of a page. */
  pageSize: number
}

export type Passed =
  /** A page is on its way to the target; the page before it has been applied. */
  | { kind: 'applying'; events: number }
  /** Everything that is known has been applied. */
  | { kind: 'idle' }
  /** Somebody else has the lease. */
  | { kind: 'lost' }

/** A page that can be applied as soon as the one before it has been. */
interface Ready extends Handled {
  page: PageEnd
  /** How many it has. */
  events: number
}

/**
 * The pass: reads a page, folds it, applies it and moves the cursor. Passes overlap: while one page is being applied the
 * next is folded and the one after it is read, but only one apply is under way.
 */
export class Pass {
  private readonly session: Session
  private ahead: Promise<Page | undefined> | undefined
  private applying: Promise<Applied> | undefined
  /** Where the last page ends that was read to be applied. */
  private reached: Cursor
  private limit: number

  constructor(session: Session) {
    this.session = session
    this.reached = session.lease.cursor
    this.limit = session.pageSize
  }

  /** @throws HANDLER_FAILED at the event whose handler fails, once everything before it has been applied */
  async once(): Promise<Passed> {
    try {
      return await this.next()
    } catch (error) {
      return this.cutBefore(error)
    }
  }

  private async next(): Promise<Passed> {
    const ready = await this.read()
    if (await this.isLost()) return { kind: 'lost' }
    if (!ready) return { kind: 'idle' }
    if (ready.failed) throw ready.failed.error
    await faultPoint('pass:read')
    this.applying = this.applyAndForget(ready.page, ready.changes)
    this.applying.catch(() => {}) // the next pass awaits it
    return { kind: 'applying', events: ready.events }
  }

  /** Waits for the page that is being applied. Returns true where the lease turned out to be lost. */
  async isLost(): Promise<boolean> {
    const applied = await this.applying
    return applied?.kind === 'lost'
  }

  /** Waits until the apply that is under way has ended in one way or another. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.applying])
  }

  /**
   * The next page and what it means. Its events are let go here: while the page waits to be applied, and is, they would
   * only be in the garbage collector's way.
   */
  private async read(): Promise<Ready | undefined> {
    const page = (await this.takeAhead()) ?? (await this.session.feed.read(this.reached, this.limit))
    if (!page) return undefined
    const { events, ...reach } = page
    this.reached = page.end
    this.limit = this.session.pageSize
    this.ahead = this.session.feed.read(this.reached, this.limit)
    this.ahead.catch(() => {}) // the next pass awaits it
    const handled = await this.session.handling.changesOf(events, this.session.lease)
    return { page: reach, events: events.length, ...handled }
  }

  private async takeAhead(): Promise<Page | undefined> {
    const ahead = this.ahead
    this.ahead = undefined
    return ahead
  }

  private async applyAndForget(page: PageEnd, changes: Changes): Promise<Applied> {
    const { materializer, lease, client } = this.session
    const applied = await materializer.apply(page, changes, lease, client)
    await faultPoint('pass:applied')
    if (applied.kind === 'applied' && page.snapshot && lease.rowSnapshots.size > 0) {
      await faultPoint('pass:before-forget')
      await forgetRowSnapshots(client, lease, page.snapshot)
    }
    return applied
  }

  /**
   * Where an event's handler has failed (a fold's function runs only when the page is applied), nothing of its page was
   * applied: the next page ends before the event. Where that is the first one, the target stops.
   */
  private async cutBefore(error: unknown): Promise<Passed> {
    const failing = isTrifoldError(error) ? error.details.number : undefined
    await this.settled()
    this.applying = undefined
    this.ahead = undefined
    this.reached = this.session.lease.cursor
    const place = Number(failing) - this.reached.number - 1
    if (!(place > 0)) throw error
    this.limit = place
    return { kind: 'applying', events: 0 }
  }
}
