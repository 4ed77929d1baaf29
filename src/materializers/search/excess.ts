import type { IndexStats } from './index-content.ts'

/** Fewer cost nothing that anybody notices. */
const mostTombstones = 10_000

/**
 * Whether an index keeps more tombstones than rows, so that it is read and stored twice as large as its rows need. They
 * cannot be deleted from it, since a late write of a former owner would bring the row back; an index that is built beside it
 * has none. Building at twice the size costs each removed row a constant, as in any structure that doubles.
 *
 * @returns why the index should be built again
 */
export function excessOf({ documents, tombstones }: Pick<IndexStats, 'documents' | 'tombstones'>): string | undefined {
  if (tombstones <= Math.max(mostTombstones, documents)) return undefined
  return `it keeps ${tombstones} tombstones of removed rows beside ${documents} rows`
}
