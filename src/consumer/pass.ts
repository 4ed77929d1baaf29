import type pg from 'pg'
import { isTrifoldError } from '../errors.ts'
import { faultPoint } from '../fault.ts'
import type { Feed, PageEnd } from '../feed.ts'
import type { Applied, Materializer } from '../materializer.ts'
import type { Changes } from './fold.ts'
import type { Handling } from './handle.ts'
import type { Lease } from './lease.ts'
import { Reading } from './reading.ts'
import { forgetRowSnapshots } from './row-snapshots.ts'

/** The larger a page, the more events fold into one row; beyond this little is gained, and each apply takes longer. */
export const largestPage = 10_000

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

/** What one step of a pass did. */
export type Passed =
  /** A page is on its way to the target; the page before it has been applied. */
  | { kind: 'applying'; events: number }
  /** Everything that is known has been applied. */
  | { kind: 'idle' }
  /** Somebody else has the lease. */
  | { kind: 'lost' }

/**
 * The pass: reads a page, folds it, applies it and moves the cursor. Passes overlap: while one page is being applied the
 * next is folded and the one after it is read, but only one apply is under way.
 */
export class Pass {
  private readonly session: Session
  private readonly reading: Reading
  private applying: Promise<Applied> | undefined

  constructor(session: Session) {
    this.session = session
    this.reading = new Reading(session.feed, session.handling, session.lease, session.pageSize)
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
    const { materializer, lease, client } = this.session
    const ready = await this.reading.next()
    if (ready && !ready.failed) materializer.foresee?.(ready.changes, lease, client)
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
    const place = Number(failing) - this.session.lease.cursor.number - 1
    if (!(place > 0)) throw error
    this.reading.restart(place)
    return { kind: 'applying', events: 0 }
  }
}
