import type pg from 'pg'
import { openClient } from '../database.ts'
import { TrifoldError } from '../errors.ts'
import { Feed, feedSettings } from '../feed.ts'
import { type Lease, takeLease } from '../lease.ts'
import type { CatchUp, EventFed } from '../materializer.ts'
import { releaseLease } from '../schema/consumers.ts'
import type { Generation } from '../schema/generations.ts'
import { currentSnapshot, isCovered } from '../snapshot.ts'
import { largestPage, PagePipeline } from './page-pipeline.ts'
import type { Projector } from './projector.ts'

/** So few events are left for the time in which nobody moves the target. */
const few = 1_000

/** Rounds become shorter, or it cannot keep up; then no further one brings it nearer. */
const mostRounds = 10

/** What the first event opens. */
interface Opened {
  client: pg.Client
  feed: Feed
  lease: Lease
  pages: PagePipeline
}

/** Catches up from the feed of events. */
export class FeedCatchUp implements CatchUp {
  private readonly materializer: EventFed
  private readonly projector: Projector
  private readonly generation: Generation
  private readonly signal: AbortSignal | undefined
  private readonly pageSize: number
  private readonly handlersVersion: number
  private readonly parks: boolean
  private readonly connect: (() => Promise<pg.Client>) | undefined
  private opened: Opened | undefined

  /**
   * @param options.pageSize most events of a page; default 10,000
   * @param options.handlersVersion default that of the read model
   * @param options.parks whether what cannot be applied is parked; default true
   * @param options.connect opens the connection that applies; default a separate one
   */
  constructor(
    materializer: EventFed,
    projector: Projector,
    generation: Generation,
    {
      signal,
      pageSize = largestPage,
      handlersVersion = materializer.context.model.version ?? 1,
      parks = true,
      connect,
    }: {
      signal?: AbortSignal | undefined
      pageSize?: number | undefined
      handlersVersion?: number
      parks?: boolean
      connect?: (() => Promise<pg.Client>) | undefined
    } = {},
  ) {
    this.materializer = materializer
    this.projector = projector
    this.generation = generation
    this.signal = signal
    this.pageSize = pageSize
    this.handlersVersion = handlersVersion
    this.parks = parks
    this.connect = connect
  }

  /** Under a load that it cannot keep up with each round would be longer than the one before, and it ends before that. */
  async nearly(): Promise<void> {
    let before = Number.POSITIVE_INFINITY
    for (let round = 0; round < mostRounds; round++) {
      const events = await this.wholly()
      if (events <= few || events >= before) return
      before = events
    }
  }

  async wholly(): Promise<number> {
    this.opened ??= await this.open()
    const { client, feed, pages } = this.opened
    const now = await currentSnapshot(client)
    // A tick that loses the race for a window returns one whose snapshot may be older than the call.
    do await feed.tick({ evenIfEmpty: true })
    while (!isCovered(now, feed.latest.snapshot))
    for (let events = 0; ; ) {
      this.signal?.throwIfAborted()
      const step = await pages.step()
      if (step.kind === 'idle') return events
      if (step.kind === 'lost') throw this.useless('another worker took its lease')
      events += step.events
    }
  }

  async close(): Promise<void> {
    if (!this.opened) return
    const { client, feed, lease, pages } = this.opened
    this.opened = undefined
    await pages.settled()
    await releaseLease(client, lease).catch(() => {}) // it runs out by itself
    await Promise.allSettled([client.end(), feed.close()])
  }

  private async open(): Promise<Opened> {
    const { materializer, projector, generation } = this
    const { databaseUrl, target } = materializer.context
    const client =
      (await this.connect?.()) ??
      (await openClient(databaseUrl, { name: `catch up ${target}`, settings: feedSettings }))
    try {
      const lease = await takeLease(client, generation, `catch up ${target}`, this.handlersVersion)
      if (!lease) throw this.useless('its cursor is gone')
      const unfit = await materializer.begin(lease, client)
      if (unfit) throw this.useless(unfit, { unfit })
      const feed = await Feed.open(databaseUrl, { forOne: true })
      return {
        client,
        feed,
        lease,
        pages: new PagePipeline({
          materializer,
          projector,
          feed,
          client,
          lease,
          pageSize: this.pageSize,
          parks: this.parks,
        }),
      }
    } catch (error) {
      await client.end()
      throw error
    }
  }

  /** @param details `unfit` if its storage will never do */
  private useless(reason: string, details: { unfit?: string } = {}): TrifoldError {
    return new TrifoldError(
      'LEASE_LOST',
      `rebuild: discarded generation ${this.generation.number} of ${this.generation.target}: ${reason}`,
      { details },
    )
  }
}
