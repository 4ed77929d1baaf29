import type pg from 'pg'
import { isCovered, type Snapshot } from '../feed/snapshot.ts'
import type { Lease } from '../lease.ts'

/**
 * Remembers the snapshot at which keys were recomputed, in the transaction that writes their rows: later events of those
 * keys that are already visible in it are dropped. The caller notes them in the lease once it has committed.
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
}

/**
 * Forgets the entries whose snapshot is covered by the end of a window that the cursor has passed. Not earlier: an event
 * that the snapshot shows could still come. Later does no harm.
 */
export async function forgetRowSnapshots(client: pg.ClientBase, lease: Lease, reflected: Snapshot): Promise<void> {
  const covered = [...lease.rowSnapshots].filter(([, snapshot]) => isCovered(snapshot, reflected))
  if (covered.length === 0) return
  for (const [key] of covered) lease.rowSnapshots.delete(key)
  // By their snapshots too: the next owner may have recomputed a key while this one was held up.
  await client.query(
    `delete from trifold.row_snapshots as entry
    using unnest($2::text[], $3::text[]) as covered (key, snapshot)
    where entry.generation_id = $1
      and entry.key = covered.key
      and entry.snapshot::text = covered.snapshot`,
    [lease.generation.id, covered.map(([key]) => key), covered.map(([, snapshot]) => snapshot.text)],
  )
}
