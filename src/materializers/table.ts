import type pg from 'pg'
import { servingGeneration } from '../generation.ts'
import type { Lease } from '../lease.ts'
import type { Materializer, StorageStatus, TargetContext } from '../materializer.ts'
import { relationReader } from '../query/relation/reader.ts'
import { qualified } from '../sql.ts'
import { prepareRelation } from './relation-prepare.ts'
import { relationSource } from './relation-source.ts'
import { TableApply } from './table/apply.ts'
import { fillTable } from './table/fill.ts'
import { wrongDoor } from './wrong-door.ts'

/** Keeps a read model in a denormalized table, fed by events: rows and cursor change in one transaction. */
export function createTableMaterializer(context: TargetContext): Materializer {
  let applying: { client: pg.ClientBase; storage: string; apply: TableApply } | undefined

  const applyOf = (lease: Lease, client: pg.ClientBase): TableApply => {
    const { storage } = lease.generation
    if (applying?.client !== client || applying.storage !== storage) {
      applying = { client, storage, apply: new TableApply(client, context.definition, qualified('trifold', storage)) }
    }
    return applying.apply
  }

  return {
    context,
    features: { fedBy: 'events', fullText: false, transactional: true },
    prepare: () => prepareRelation(context),
    begin: async () => undefined, // rows and cursor are in one database: they cannot differ
    fill: (options, lease) => fillTable(context, options, lease),

    planPage: (changes, lease, client) => applyOf(lease, client).planPage(changes, lease),
    apply: (page, changes, lease, client) => applyOf(lease, client).apply(page, changes, lease),

    refresh: () =>
      Promise.reject(wrongDoor(context, 'refresh', 'it is fed by events; to build it anew run `trifold fill`')),
    ...relationReader(context.pool, relationSource(context)),
    status: () => tableStatus(context),
    close: async () => {},
  }
}

async function tableStatus(context: TargetContext): Promise<StorageStatus> {
  const generation = await servingGeneration(context.pool, context.target)
  if (!generation) return { storage: undefined, rows: undefined, sizeBytes: undefined }
  const { rows } = await context.pool.query(
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
