import type pg from 'pg'
import { isTrifoldError } from '../errors.ts'
import { faultPoint } from '../fault.ts'
import type { Feed, PageEnd } from '../feed.ts'
import { forgetRangeSnapshots } from '../lease/range-snapshots.ts'
import { forgetRowSnapshots } from '../lease/row-snapshots.ts'
import type { Lease } from '../lease.ts'
import type { Applied, EventFed } from '../materializer.ts'
import type { Changes } from '../net-change/operations.ts'
import { elapsed, type Observe } from '../observe.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Caution } from './caution.ts'
import { PageReader, type Ready } from './page-reader.ts'
import { mayPark, park } from './parking.ts'
import type { Projector } from './projector.ts'
import { isRefusal, RefusedPage, refusedEvent } from './refusal.ts'

/** The larger a page, the more events fold into one row; beyond this little is gained, and each apply takes longer. */
export const largestPage = 10_000

/** What a consumer works with while it holds a lease. */
export interface Session {
  materializer: EventFed
  projector: Projector
  feed: Feed
  client: pg.ClientBase
  lease: Lease
  /** Most events of a page. */
  pageSize: number
  observe?: Observe | undefined
  /** Whether events that cannot be applied are parked, if the read model wants that; default false: their errors are thrown. */
  parks?: boolean
  /** After a consumer that ended without giving its lease back. */
  caution?: Caution | undefined
}

/** What one step did. */
export type PageStep =
  /** A page is on its way to the target; the page before it has been applied. */
  | { kind: 'applying'; events: number }
  /** Everything that is known has been applied. */
  | { kind: 'idle' }
  /** Somebody else has the lease. */
  | { kind: 'lost' }

/**
 * Reads a page, runs its handlers, applies it and moves the cursor. Pages overlap: while one is being applied the
 * handlers of the next run and the one after it is read, but only one apply is under way.
 */
export class PagePipeline {
  private readonly session: Session
  private readonly reader: PageReader
  private applying: Promise<Applied> | undefined
  private underWay: Ready | undefined
  private refused: RefusedPage | undefined
  /** How many events the next page has, if it ends before one that fails. */
  private cut: number | undefined

  constructor(session: Session) {
    this.session = session
    this.reader = new PageReader(session)
  }

  /**
   * @throws HANDLER_FAILED at the event whose handler fails, VALUE_INVALID or DOCUMENT_REFUSED at the one that the engine
   * refuses, once everything before it has been applied
   */
  async step(): Promise<PageStep> {
    try {
      return await this.next()
    } catch (error) {
      return this.cutBefore(error)
    }
  }

  private async next(): Promise<PageStep> {
    const { materializer, lease, client, caution } = this.session
    if ((this.refused || caution?.limit) && (await this.isLost())) return { kind: 'lost' }
    this.narrow()
    const ready = await this.reader.next()
    if (ready && !ready.failed) materializer.planPage?.(ready.changes, lease, client)
    if (await this.isLost()) return { kind: 'lost' }
    if (!ready) return this.idle()
    if (ready.failed) throw ready.failed.error
    await faultPoint('page:read')
    this.underWay = ready
    this.applying = this.applyAndForget(ready.page, ready.changes, ready.events)
    this.applying.catch(() => {}) // the next step awaits it
    return { kind: 'applying', events: ready.events }
  }

  /** Whatever was under way at an unclean end has been applied. */
  private idle(): PageStep {
    this.session.caution = undefined
    return { kind: 'idle' }
  }

  /** Waits for the page that is being applied. Returns true if the lease turned out to be lost. */
  async isLost(): Promise<boolean> {
    const applied = await this.applying
    return applied?.kind === 'lost'
  }

  /** Waits until the apply that is under way has ended in one way or another. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.applying])
    this.session.caution?.leave()
  }

  private async applyAndForget(page: PageEnd, changes: Changes, events: number): Promise<Applied> {
    const { materializer, lease, client, observe, caution } = this.session
    const began = observe ? performance.now() : 0
    const applied = await materializer.apply(page, changes, lease, client)
    caution?.leave()
    if (applied.kind === 'applied')
      observe?.({
        kind: 'page.applied',
        target: materializer.context.target,
        events,
        keys: changes.byKey.size,
        window: page.window.id,
        ordinal: page.end.ordinal,
        ms: elapsed(began),
      })
    await faultPoint('page:applied')
    if (applied.kind === 'applied' && applied.passed) await this.forget(applied.passed)
    return applied
  }

  /** Snapshots that a window's end covers. */
  private async forget(reflected: Snapshot): Promise<void> {
    const { client, lease } = this.session
    if (lease.rowSnapshots.size === 0 && lease.ranges.length === 0) return
    await faultPoint('page:before-forget')
    await forgetRowSnapshots(client, lease, reflected)
    await forgetRangeSnapshots(client, lease, reflected)
  }

  /**
   * While the refused event is ahead, a page is half of what is left; after an unclean end as large as its caution allows.
   * It is applied before the next is read.
   */
  private narrow(): void {
    const half = this.refused?.nextSize(this.session.lease.cursor.ordinal)
    if (half === 0) this.refused = undefined
    const allowed = half || this.session.caution?.limit
    if (!allowed) this.session.caution = undefined
    const size = this.cut ?? allowed
    if (size) this.reader.restart(size)
    this.cut = undefined
  }

  /**
   * Nothing of a page was applied if an event's handler has failed (a fold's function runs only when the page is applied)
   * or if the engine refused a value: the next page ends before the event, or is half of the page if the event is not
   * known. If it is the first one, the target stops.
   */
  private async cutBefore(error: unknown): Promise<PageStep> {
    await this.settled()
    this.applying = undefined
    const failing = isTrifoldError(error) ? error.details.ordinal : undefined
    const applied = this.session.lease.cursor.ordinal
    const place = Number(failing) - applied - 1
    const alone = failing === undefined && isRefusal(error) ? this.lookFor(this.underWay, error) : error
    if (place > 0) this.cut = place
    else if (alone && !(await this.parked(alone))) return { kind: 'lost' }
    return { kind: 'applying', events: 0 }
  }

  /** Narrows the page, or names the event once it is alone. */
  private lookFor(underWay: Ready | undefined, error: unknown): unknown {
    const { page, first } = underWay ?? {}
    if (!page || !first) return error
    if (first.ordinal === page.end.ordinal) return refusedEvent(this.session.materializer.context.target, first, error)
    this.refused = new RefusedPage(page.end.ordinal)
    this.narrow()
    return undefined
  }

  /** Goes on behind the event. @returns false if the lease is lost */
  private async parked(error: unknown): Promise<boolean> {
    const { session } = this
    if (!session.parks || !mayPark(session.materializer.context, error)) throw error
    const isHeld = await park(session, error)
    this.reader.restart(session.pageSize)
    return isHeld
  }
}
