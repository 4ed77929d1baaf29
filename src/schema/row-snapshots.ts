// The table `trifold.row_snapshots`: the snapshots at which keys were recomputed.
import type pg from 'pg'
import { parseSnapshot, type Snapshot } from '../snapshot.ts'

/** The snapshots of a generation, by key text. */
export async function readRowSnapshots(client: pg.ClientBase, generationId: string): Promise<Map<string, Snapshot>> {
  const { rows } = await client.query(
    `select key, snapshot::text from trifold.row_snapshots where generation_id = $1`,
    [generationId],
  )
  return new Map(rows.map((row) => [row.key as string, parseSnapshot(row.snapshot as string)]))
}

/** Writes the snapshot of some keys, given as key texts. */
export async function upsertRowSnapshots(
  client: pg.ClientBase,
  generationId: string,
  keys: readonly string[],
  snapshot: Snapshot,
): Promise<void> {
  await client.query(
    `insert into trifold.row_snapshots (generation_id, key, snapshot)
    select $1::bigint, key, $3::pg_snapshot
    from unnest($2::text[]) as key
    on conflict (generation_id, key) do update
    set snapshot = excluded.snapshot`,
    [generationId, keys, snapshot.text],
  )
}

/** Deletes some keys, as long as they have these snapshots: the next owner may have recomputed one in the meantime. */
export async function deleteCoveredRowSnapshots(
  client: pg.ClientBase,
  generationId: string,
  covered: readonly (readonly [key: string, snapshot: Snapshot])[],
): Promise<void> {
  await client.query(
    `delete from trifold.row_snapshots as entry
    using unnest($2::text[], $3::text[]) as covered (key, snapshot)
    where entry.generation_id = $1
      and entry.key = covered.key
      and entry.snapshot::text = covered.snapshot`,
    [generationId, covered.map(([key]) => key), covered.map(([, snapshot]) => snapshot.text)],
  )
}

/** Deletes all snapshots of a generation. */
export async function deleteRowSnapshots(client: Pick<pg.ClientBase, 'query'>, generationId: string): Promise<void> {
  await client.query(`delete from trifold.row_snapshots where generation_id = $1`, [generationId])
}
