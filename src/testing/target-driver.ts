import type pg from 'pg'
import { PagePipeline } from '../consumer/page-pipeline.ts'
import { Projector } from '../consumer/projector.ts'
import { openClient } from '../database.ts'
import { definitionRows } from '../definition/rows.ts'
import type { Row } from '../encoding.ts'
import { Feed, feedSettings } from '../feed.ts'
import { type Lease, takeLease } from '../lease.ts'
import type { Materializer } from '../materializer.ts'
import type { EventRegistry } from '../outbox.ts'
import type { ReadModel } from '../read-model.ts'
import { buildNext } from '../rebuild/build-next.ts'
import type { Generation } from '../schema/generations.ts'
import { eventFed } from './feeds.ts'

/** Moves one event-fed target by hand, page by page, as its consumer would. */
export class TargetDriver {
  readonly materializer: Materializer
  readonly feed: Feed
  readonly client: pg.Client
  readonly projector: Projector
  private readonly ownsFeed: boolean
  private owners = 0

  private constructor(
    materializer: Materializer,
    feed: Feed,
    client: pg.Client,
    events: EventRegistry,
    ownsFeed: boolean,
  ) {
    this.materializer = materializer
    this.feed = feed
    this.client = client
    this.ownsFeed = ownsFeed
    this.projector = new Projector(materializer.context.definition, materializer.context.model, events)
  }

  /** Opens its connections. @param feed one that several drivers share; default: its own */
  static async open(materializer: Materializer, events: EventRegistry, feed?: Feed): Promise<TargetDriver> {
    const { databaseUrl } = materializer.context
    const client = await openClient(databaseUrl, { name: 'driver', settings: feedSettings })
    try {
      const read = feed ?? (await Feed.open(databaseUrl))
      return new TargetDriver(materializer, read, client, events, feed === undefined)
    } catch (error) {
      await client.end()
      throw error
    }
  }

  /** The same target for another set of handlers. */
  with(model: Partial<ReadModel>, events: EventRegistry): TargetDriver {
    const { context } = this.materializer
    const materializer = { ...this.materializer, context: { ...context, model: { ...context.model, ...model } } }
    return new TargetDriver(materializer, this.feed, this.client, events, false)
  }

  /** Builds a new generation, which then serves. */
  async rebuild(reason = 'test'): Promise<Generation> {
    return buildNext(this.materializer, { reason })
  }

  /** Takes the lease, as a new owner each time, and compares the storage with it. */
  async lease(client = this.client): Promise<Lease> {
    const taken = await this.leaseOrReason(client)
    if (typeof taken === 'string') throw new Error(`${this.materializer.context.target} is unfit: ${taken}`)
    return taken
  }

  /** Takes the lease, or says why the target is to be rebuilt first. */
  async leaseOrReason(client = this.client): Promise<Lease | string> {
    const prepared = await this.materializer.prepare()
    if (prepared.state === 'unfit') return prepared.reason
    this.owners += 1
    const version = this.materializer.context.model.version ?? 1
    const lease = await takeLease(client, prepared.generation, `driver ${this.owners}`, version)
    if (!lease) throw new Error('another consumer holds the lease')
    return (await eventFed(this.materializer).begin(lease, client)) ?? lease
  }

  /** Its own pipeline over what follows the cursor of the lease. */
  pages(lease: Lease, pageSize = 5_000, client = this.client): PagePipeline {
    return new PagePipeline({
      materializer: eventFed(this.materializer),
      projector: this.projector,
      feed: this.feed,
      client,
      lease,
      pageSize,
    })
  }

  /** Applies what follows the cursor, up to one page. Returns how many events it had, or that the lease was lost. */
  async onePage(lease: Lease, pageSize?: number, client?: pg.Client): Promise<number | 'lost'> {
    const pages = this.pages(lease, pageSize, client)
    try {
      const step = await pages.step()
      if (step.kind === 'lost' || (await pages.isLost())) return 'lost'
      return step.kind === 'applying' ? step.events : 0
    } finally {
      await pages.settled()
    }
  }

  /** Makes a window of what was committed, and applies all that follows the cursor. Returns the pages that it took. */
  async catchUp(lease: Lease, pageSize = 5_000): Promise<number> {
    await this.feed.tick()
    const pages = this.pages(lease, pageSize)
    for (let count = 0; ; ) {
      const step = await pages.step()
      if (step.kind === 'lost') throw new Error('the lease is lost')
      if (step.kind === 'idle') return count
      if (step.events > 0) count += 1
    }
  }

  /** The rows that the definition says now, in canonical form and in order of the key. */
  async expected(): Promise<Row[]> {
    const { definition } = this.materializer.context
    return inKeyOrder(
      [...(await definitionRows(this.client, definition)).values()],
      definition.key.map((column) => column.name),
    )
  }

  /** Closes its connections, and its own feed. */
  async close(): Promise<void> {
    await this.client.end()
    if (this.ownsFeed) await this.feed.close()
    await this.materializer.close()
  }
}

/** Rows by the texts of their keys. */
export function inKeyOrder(rows: Row[], key: string[]): Row[] {
  const text = (row: Row) => key.map((name) => String(row[name])).join(' ')
  return [...rows].sort((a, b) => (text(a) < text(b) ? -1 : 1))
}
