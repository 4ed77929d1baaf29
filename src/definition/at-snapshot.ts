import type pg from 'pg'
import { inTransaction } from '../database.ts'
import type { Resolution } from '../schema/generations.ts'

/** What `lock table` accepts: tables, partitioned tables, and views, whose tables it locks too. */
const lockable = ['r', 'p', 'v']

/**
 * Reads a definition at one snapshot: runs `work` in a transaction whose snapshot is taken once the locks of the tables
 * are held.
 *
 * A statement takes its snapshot before it waits for a lock. If it waits for a TRUNCATE, or for an ALTER TABLE that writes
 * the table again, it finds the table as it is afterwards but sees only what its snapshot shows: none of the new rows.
 * (PostgreSQL, "Caveats" of chapter Concurrency Control.) `lock table` waits without a snapshot. Tables that only a
 * function reads are not known and not locked.
 *
 * @param resolution what the definition reads; undefined locks nothing
 */
export function atSnapshot<T>(
  client: pg.ClientBase,
  resolution: Resolution | undefined,
  mode: 'repeatable read' | 'repeatable read read only',
  work: () => Promise<T>,
): Promise<T> {
  const locked = async () => {
    await lockSources(client, resolution)
    return work()
  }
  return inTransaction(client, locked, mode)
}

/** Takes the lock that reading takes, before the first snapshot of the transaction. */
export async function lockSources(client: pg.ClientBase, resolution: Resolution | undefined): Promise<void> {
  const names = (resolution?.relations ?? [])
    .filter(({ direct, kind }) => direct && lockable.includes(kind))
    .map(({ name }) => name)
  if (names.length > 0) await client.query(`lock table ${names.join(', ')} in access share mode`)
}
