import type pg from 'pg'
import type { Changes } from '../../consumer/fold.ts'
import type { Lease } from '../../consumer/lease.ts'
import { targetName } from '../../facade.ts'
import type { Page } from '../../feed.ts'
import type { Generation } from '../../generation.ts'
import { servingGeneration } from '../../generation.ts'
import type {
  Applied,
  Features,
  FillOptions,
  Materializer,
  Prepared,
  Refreshed,
  StorageStatus,
  TargetContext,
} from '../../materializer.ts'
import { findInRelation, type ReadRelation } from '../../query/relation/find.ts'
import { summarizeInRelation } from '../../query/relation/summarize.ts'
import type { Find, Found, Summarize, Summary } from '../../query/request.ts'
import { qualified } from '../../sql.ts'
import { prepareRelation } from '../relation-prepare.ts'
import { wrongDoor } from '../wrong-door.ts'
import { TableApply } from './apply.ts'
import { fillTable } from './fill.ts'

/** A denormalized table, fed by events: rows and cursor change in one transaction. */
export class TableMaterializer implements Materializer {
  readonly features: Features = { fedBy: 'events', fullText: false, transactional: true }
  readonly context: TargetContext
  private readonly source: ReadRelation
  private applying: { generation: string; client: pg.ClientBase; apply: TableApply } | undefined

  constructor(context: TargetContext) {
    this.context = context
    this.source = {
      relation: qualified(context.schema, targetName(context.target)),
      definition: context.definition,
      target: context.target,
      fullTextTargets: context.model.targets.search ? [`${context.name}@search`] : [],
    }
  }

  prepare(): Promise<Prepared> {
    return prepareRelation(this.context)
  }

  fill(options: FillOptions, lease?: Lease): Promise<Generation> {
    return fillTable(this.context, options, lease)
  }

  /** Rows and cursor are in one database: they cannot differ. */
  async begin(): Promise<undefined> {}

  apply(page: Page, changes: Changes, lease: Lease, client: pg.ClientBase): Promise<Applied> {
    if (this.applying?.generation !== lease.generation.id || this.applying.client !== client) {
      const relation = qualified('trifold', lease.generation.storage)
      const apply = new TableApply(client, this.context.definition, relation)
      this.applying = { generation: lease.generation.id, client, apply }
    }
    return this.applying.apply.apply(page, changes, lease)
  }

  async refresh(): Promise<Refreshed> {
    throw wrongDoor(
      this.context,
      'refresh',
      'it is fed by events and always current; fill it again with `trifold fill`',
    )
  }

  find(request: Find): Promise<Found> {
    return findInRelation(this.context.pool, this.source, request)
  }

  summarize(request: Summarize): Promise<Summary> {
    return summarizeInRelation(this.context.pool, this.source, request)
  }

  async status(): Promise<StorageStatus> {
    const generation = await servingGeneration(this.context.pool, this.context.target)
    if (!generation) return { storage: undefined, rows: undefined, sizeBytes: undefined }
    const { rows } = await this.context.pool.query(
      `select reltuples::bigint as rows, pg_total_relation_size(oid) as bytes
      from pg_class
      where oid = to_regclass($1)`,
      [qualified('trifold', generation.storage)],
    )
    const count = Number(rows[0]?.rows ?? -1)
    return {
      storage: `trifold.${generation.storage}`,
      rows: count < 0 ? undefined : count,
      sizeBytes: rows[0] && Number(rows[0].bytes),
    }
  }

  async close(): Promise<void> {
    this.applying = undefined
  }
}
