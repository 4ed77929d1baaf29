import { dropRelation } from '../../generation/drop-relation.ts'
import { servingGeneration } from '../../generation.ts'
import type { StorageStatus, Store, TargetContext } from '../../materializer.ts'
import { relationReader } from '../../query/relation/reader.ts'
import { qualified } from '../../sql.ts'
import { prepareRelation } from '../relation-prepare.ts'
import { relationSource } from '../relation-source.ts'
import { tableBuild } from './build.ts'

/** Rows in a denormalized table of PostgreSQL. */
export function tableStore(context: TargetContext): Store {
  return {
    context,
    features: { fullText: false, transactional: true, namedInSql: true },
    prepare: () => prepareRelation(context),
    build: (options) => tableBuild(context, options),
    drop: (client, storage) => dropRelation(client, 'table', storage),
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
