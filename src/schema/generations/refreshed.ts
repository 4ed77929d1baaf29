import type pg from 'pg'
import { utcText } from '../../sql.ts'
import type { Generation } from './generation.ts'

/**
 * Records the transaction's own snapshot as the one that a view reflects. PostgreSQL refuses the update (serialization
 * failure) if another transaction recorded one after ours was taken, so the snapshot never moves backwards.
 */
export async function recordSnapshot(client: pg.ClientBase, { id }: Pick<Generation, 'id'>): Promise<string> {
  const { rows } = await client.query(
    `update trifold.generations
    set snapshot = pg_current_snapshot(), snapshot_at = now()
    where id = $1
    returning snapshot::text`,
    [id],
  )
  return rows[0].snapshot
}

/** Milliseconds since the snapshot that a view reflects was taken. */
export async function ageOf(client: pg.ClientBase, { id }: Pick<Generation, 'id'>): Promise<number> {
  const { rows } = await client.query(
    `select extract(epoch from clock_timestamp() - snapshot_at) * 1000 as age
    from trifold.generations
    where id = $1`,
    [id],
  )
  return Number(rows[0].age)
}

/** Records how many rows a refresh gave. */
export async function recordRowCount(
  client: pg.ClientBase,
  { id }: Pick<Generation, 'id'>,
  rows: string,
): Promise<void> {
  await client.query('update trifold.generations set row_count = $2 where id = $1', [id, rows])
}

/** What the last build or refresh of the generation that serves gave. `snapshot` is as PostgreSQL writes it, `at` its time. */
export async function lastRefreshed(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
): Promise<{ snapshot: string | undefined; at: string | undefined; rows: number | undefined } | undefined> {
  const { rows } = await client.query(
    `select snapshot::text, ${utcText('snapshot_at')} as at, row_count
    from trifold.generations
    where target = $1 and state = 'serving'`,
    [target],
  )
  const [row] = rows
  return (
    row && {
      snapshot: row.snapshot ?? undefined,
      at: row.at ?? undefined,
      rows: row.row_count === null ? undefined : Number(row.row_count),
    }
  )
}
