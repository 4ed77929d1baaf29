import type pg from 'pg'
import { qualified } from '../../sql.ts'
import type { Generation } from './generation.ts'

/** The rows as they were counted when the definition ran last; if nobody counts them, PostgreSQL's own estimate. */
const relationStatement = `
  select
    class.oid is not null as found,
    case when $3::boolean then generation.row_count else nullif(class.reltuples::bigint, -1) end::text as rows,
    pg_total_relation_size(class.oid)::text as bytes
  from trifold.generations as generation
  left join pg_class as class on class.oid = to_regclass($2)
  where generation.id = $1`

/**
 * Whether the relation of a generation exists, its rows and its bytes.
 *
 * @param counted whether the rows are those that the last run of the definition counted
 */
export async function readRelation(
  client: Pick<pg.ClientBase, 'query'>,
  { id, storage }: Pick<Generation, 'id' | 'storage'>,
  counted: boolean,
): Promise<{ isThere: boolean; rows: number | undefined; sizeBytes: number | undefined }> {
  const { rows } = await client.query(relationStatement, [id, qualified('trifold', storage), counted])
  const row = rows[0] as Record<'found' | 'rows' | 'bytes', string | null>
  return {
    isThere: row.found === 't',
    rows: row.rows === null ? undefined : Number(row.rows),
    sizeBytes: row.bytes === null ? undefined : Number(row.bytes),
  }
}
