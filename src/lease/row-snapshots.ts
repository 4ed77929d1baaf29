import type pg from 'pg'
import type { Lease } from '../lease.ts'
import { deleteCoveredRowSnapshots, upsertRowSnapshots } from '../schema/row-snapshots.ts'
import { isCovered, type Snapshot } from '../snapshot.ts'

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
  await upsertRowSnapshots(client, lease.generation.id, keys, snapshot)
}

/**
 * Forgets the entries whose snapshot is covered by the end of a window that the cursor has passed for good. Not earlier: an event
 * that the snapshot shows could still come. Later does no harm.
 */
export async function forgetRowSnapshots(client: pg.ClientBase, lease: Lease, reflected: Snapshot): Promise<void> {
  const covered = [...lease.rowSnapshots].filter(([, snapshot]) => isCovered(snapshot, reflected))
  if (covered.length === 0) return
  for (const [key] of covered) lease.rowSnapshots.delete(key)
  await deleteCoveredRowSnapshots(client, lease.generation.id, covered)
}
