import type pg from 'pg'
import { deleteReadWindows } from '../schema/windows.ts'

/** A consumer whose index is one page behind its cursor goes back by so many windows at most. */
const pageOfWindows = 1_000

/** Windows that are deleted in one transaction. */
const batch = 10_000

/**
 * Deletes windows that nobody reads any more: every consumer and every rebuild has passed them, and they are older than
 * `keepMilliseconds`. The newest window stays, and the one that a consumer has reached: the next continues it.
 *
 * @param options.keepBehind how many windows are kept behind the slowest consumer
 * @param client a connection outside of a transaction: each batch is its own transaction
 * @returns how many were deleted
 */
export async function pruneWindows(
  client: pg.ClientBase,
  options: { keepMilliseconds: number; keepBehind?: number; signal?: AbortSignal },
): Promise<number> {
  const { keepMilliseconds, keepBehind = pageOfWindows, signal } = options
  let deleted = 0
  while (!signal?.aborted) {
    const count = await deleteReadWindows(client, { keepMilliseconds, keepBehind, limit: batch })
    deleted += count
    if (count !== batch) break
  }
  return deleted
}
