import { facadeRelation, targetName } from '../facade.ts'
import { type Generation, servingGeneration } from '../generation.ts'
import type { StorageProblem, StorageStatus, TargetContext } from '../materializer.ts'
import { qualified } from '../sql.ts'

/** The rows as they were counted when the definition ran last; if nothing counts them, PostgreSQL's own estimate. */
const statement = `
  select
    class.oid is not null as found,
    case when $3::boolean then generation.row_count else nullif(class.reltuples::bigint, -1) end::text as rows,
    pg_total_relation_size(class.oid)::text as bytes
  from trifold.generations as generation
  left join pg_class as class on class.oid = to_regclass($2)
  where generation.id = $1`

/**
 * What PostgreSQL reports about the relation that serves, and whether readers reach it.
 *
 * @param counted whether the rows are those that the last run of the definition counted
 */
export async function relationStatus(
  context: TargetContext,
  { counted }: { counted: boolean },
): Promise<StorageStatus> {
  const generation = await servingGeneration(context.pool, context.target)
  if (!generation) return { storage: undefined, rows: undefined, sizeBytes: undefined }
  const { rows } = await context.pool.query(statement, [
    generation.id,
    qualified('trifold', generation.storage),
    counted,
  ])
  const row = rows[0] as Record<'found' | 'rows' | 'bytes', string | null>
  return {
    storage: `trifold.${generation.storage}`,
    rows: row.rows === null ? undefined : Number(row.rows),
    estimated: !counted,
    sizeBytes: row.bytes === null ? undefined : Number(row.bytes),
    problem: row.found === 't' ? await nameProblem(context, generation) : missing(generation),
  }
}

const missing = ({ storage }: Generation): StorageProblem => ({
  verdict: 'red',
  reason: `the relation trifold.${storage} is missing; a running worker builds the next one`,
})

async function nameProblem(context: TargetContext, { storage }: Generation): Promise<StorageProblem | undefined> {
  const name = targetName(context.target)
  const shown = await facadeRelation(context.pool, { schema: context.schema, name })
  if (shown === storage) return undefined
  const state = shown ? `shows trifold.${shown}, not trifold.${storage}` : 'is missing'
  return { verdict: 'red', reason: `the view ${context.schema}.${name} ${state}; a running worker puts it right` }
}
