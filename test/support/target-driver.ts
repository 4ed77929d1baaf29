import type pg from 'pg'
import { Handling } from '../../src/consumer/handle.ts'
import { type Lease, takeLease } from '../../src/consumer/lease.ts'
import { Pass } from '../../src/consumer/pass.ts'
import { openClient } from '../../src/database.ts'
import { columnList, decodeRow } from '../../src/definition/rows.ts'
import type { Row } from '../../src/encoding.ts'
import { Feed, feedSettings } from '../../src/feed.ts'
import type { Generation } from '../../src/generation.ts'
import type { Materializer } from '../../src/materializer.ts'
import type { EventRegistry } from '../../src/outbox.ts'
import type { ReadModel } from '../../src/read-model.ts'

/** Moves one event-fed target by hand, pass by pass, as its consumer would. */
export class TargetDriver {
  readonly materializer: Materializer
  readonly feed: Feed
  readonly client: pg.Client
  private readonly handling: Handling
  private owners = 0

  private constructor(materializer: Materializer, feed: Feed, client: pg.Client, events: EventRegistry) {
    this.materializer = materializer
    this.feed = feed
    this.client = client
    this.handling = new Handling(materializer.context.definition, materializer.context.model, events)
  }

  static async open(materializer: Materializer, events: EventRegistry): Promise<TargetDriver> {
    const { databaseUrl } = materializer.context
    const feed = await Feed.open(databaseUrl)
    const client = await openClient(databaseUrl, { name: 'driver', settings: feedSettings })
    return new TargetDriver(materializer, feed, client, events)
  }

  /** The same target for another set of handlers. */
  with(model: Partial<ReadModel>, events: EventRegistry): TargetDriver {
    const { context } = this.materializer
    const materializer = { ...this.materializer, context: { ...context, model: { ...context.model, ...model } } }
    return new TargetDriver(materializer, this.feed, this.client, events)
  }

  async fill(reason = 'test'): Promise<Generation> {
    return this.materializer.fill({ reason })
  }

  /** Takes the lease, as a new owner each time, and compares the storage with it. */
  async lease(client = this.client): Promise<Lease> {
    const prepared = await this.materializer.prepare()
    if (prepared.state === 'unfit') throw new Error(`${this.materializer.context.target} is unfit: ${prepared.reason}`)
    this.owners += 1
    const version = this.materializer.context.model.version ?? 1
    const lease = await takeLease(client, prepared.generation, `driver ${this.owners}`, version)
    if (!lease) throw new Error('somebody else holds the lease')
    const unfit = await this.materializer.begin(lease, client)
    if (unfit) throw new Error(`${this.materializer.context.target} is unfit: ${unfit}`)
    return lease
  }

  pass(lease: Lease, pageSize = 5_000, client = this.client): Pass {
    return new Pass({
      materializer: this.materializer,
      handling: this.handling,
      feed: this.feed,
      client,
      lease,
      pageSize,
    })
  }

  /** Makes a window of what was committed, and applies all that follows the cursor. Returns the pages that it took. */
  async catchUp(lease: Lease, pageSize = 5_000): Promise<number> {
    await this.feed.tick()
    const pass = this.pass(lease, pageSize)
    for (let pages = 0; ; ) {
      const passed = await pass.once()
      if (passed.kind === 'lost') throw new Error('the lease is lost')
      if (passed.kind === 'idle') return pages
      if (passed.events > 0) pages += 1
    }
  }

  /** The rows that the definition says now, in canonical form and in order of the key. */
  async expected(): Promise<Row[]> {
    const { definition } = this.materializer.context
    const { rows } = await this.client.query(
      `select ${columnList(definition)}
      from (\n${definition.sql}\n) as definition`,
    )
    return inKeyOrder(
      rows.map((row) => decodeRow(definition.columns, row)),
      definition.key.map((column) => column.name),
    )
  }

  async close(): Promise<void> {
    await this.client.end()
    await this.feed.close()
    await this.materializer.close()
  }
}

/** Rows by the texts of their keys. */
export function inKeyOrder(rows: Row[], key: string[]): Row[] {
  const text = (row: Row) => key.map((name) => String(row[name])).join(' ')
  return [...rows].sort((a, b) => (text(a) < text(b) ? -1 : 1))
}

/** All rows of a target, page by page, in order of the key. */
export async function allRows(materializer: Materializer): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | undefined
  do {
    const found = await materializer.find({ limit: 10_000, ...(cursor && { cursor }) })
    rows.push(...found.rows)
    cursor = found.cursor
  } while (cursor)
  return inKeyOrder(
    rows,
    materializer.context.definition.key.map((column) => column.name),
  )
}
