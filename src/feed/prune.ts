import type pg from 'pg'
import { deleteReadWindows } from '../schema/windows.ts'

/** Windows that are deleted in one transaction. */
const batch = 10_000

/**
 * Deletes windows that nobody reads any more: every consumer and every rebuild has passed them, and they are older than
 * `keepMilliseconds`. The newest window stays, and those since the start of a consumer's last page: an index that lacks the
 * page goes back there.
 *
 * @param client a connection outside of a transaction: each batch is its own transaction
 * @returns how many were deleted
 */
export async function pruneWindows(
  client: pg.ClientBase,
  options: { keepMilliseconds: number; signal?: AbortSignal },
): Promise<number> {
  const { keepMilliseconds, signal } = options
  let deleted = 0
  while (!signal?.aborted) {
    const count = await deleteReadWindows(client, { keepMilliseconds, limit: batch })
    deleted += count
    if (count !== batch) break
  }
  return deleted
}
