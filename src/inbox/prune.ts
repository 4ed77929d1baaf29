import type pg from 'pg'
import { deleteTaken } from '../schema/inbox.ts'

/** Rows that are deleted in one transaction. */
const batch = 10_000

/**
 * Deletes what the inbox has held for longer than `retain`. A duplicate that comes later still counts as new.
 *
 * @param retain in milliseconds
 * @param client a connection outside of a transaction: each batch is its own transaction
 * @returns how many rows were deleted
 */
export async function pruneInbox(
  client: Pick<pg.ClientBase, 'query'>,
  retain: number,
  signal?: AbortSignal,
): Promise<number> {
  let deleted = 0
  while (!signal?.aborted) {
    const count = await deleteTaken(client, retain, batch)
    deleted += count
    if (count < batch) break
  }
  return deleted
}
