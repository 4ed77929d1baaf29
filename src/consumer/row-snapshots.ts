import type pg from 'pg'
import { isCovered, type Snapshot } from '../feed/snapshot.ts'
import type { Lease } from './lease.ts'

/**
 * Remembers the snapshot at which keys were recomputed, in the transaction that writes their rows: later events of those
 * keys that are already visible in it are dropped.
 *
 * @param keys key texts
 */
export async function rememberRowSnapshots(
  client: pg.ClientBase,
  lease: Lease,
  keys: string[],
  snapshot: Snapshot,
): Promise<void> {
  if (keys.length === 0) return
  await client.query(
    `insert into trifold.row_snapshots (generation_id, key, snapshot)
    select $1::bigint, key, $3::pg_snapshot
    from unnest($2::text[]) as key
    on conflict (generation_id, key) do update
    set snapshot = excluded.snapshot`,
    [lease.generation.id, keys, snapshot.text],
  )
  for (const key of keys) lease.rowSnapshots.set(key, snapshot)
}

/**
 * Forgets the entries whose snapshot is covered by the end of a window that the cursor has passed. Not earlier: an event
 * that the snapshot shows could still come. Later does no harm.
 */
export async function forgetRowSnapshots(client: pg.ClientBase, lease: Lease, reflected: Snapshot): Promise<void> {
  const covered = [...lease.rowSnapshots].filter(([, snapshot]) => isCovered(snapshot, reflected)).map(([key]) => key)
  if (covered.length === 0) return
  for (const key of covered) lease.rowSnapshots.delete(key)
  await client.query(
    `delete from trifold.row_snapshots
    where generation_id = $1
      and key = any ($2)`,
    [lease.generation.id, covered],
  )
}
