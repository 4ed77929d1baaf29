import type { Client } from '@opensearch-project/opensearch'
import { answerOf } from '../../opensearch/client.ts'
import { indexMissing, searchError } from '../../opensearch/search-error.ts'
import { bookkeeping } from './mapping.ts'

/** A document as stored in an index. */
export interface StoredDocument {
  /** Its external version. */
  version: bigint
  /** Ordinal of the last event that it reflects. */
  ordinal: bigint
  /** Snapshot of the recompute that wrote it. */
  snapshot: string | undefined
  deleted: boolean
  /** The row's columns. An integer that a JavaScript number cannot hold is text. */
  source: Record<string, unknown>
}

export interface ReadDocumentsOptions {
  /** Most documents in a request (default 1,000). */
  maxCount?: number
  signal?: AbortSignal
}

/**
 * Reads documents by id as they are now, whether an index refresh has happened or not. Ids without a document are
 * missing from the result; tombstones are in it.
 *
 * @throws SEARCH_FAILED with `details.kind` `index_missing` if the index is gone; SEARCH_UNREACHABLE
 */
export async function readDocuments(
  client: Client,
  index: string,
  ids: readonly string[],
  options: ReadDocumentsOptions = {},
): Promise<Map<string, StoredDocument>> {
  const { maxCount = 1_000, signal } = options
  const found = new Map<string, StoredDocument>()
  for (let from = 0; from < ids.length; from += maxCount) {
    signal?.throwIfAborted()
    for (const item of await readSome(client, index, ids.slice(from, from + maxCount))) {
      if (item.error !== undefined) throw readFailed(index, item)
      if (item.found) found.set(item._id, storedDocument(item))
    }
  }
  return found
}

interface ReadItem {
  _id: string
  found?: boolean
  _version?: number | string
  _source?: Record<string, unknown>
  error?: { type: string; reason?: string }
}

async function readSome(client: Client, index: string, ids: string[]): Promise<ReadItem[]> {
  const { docs } = await answerOf(`reading documents of "${index}"`, client.mget({ index, body: { ids } }))
  return docs as ReadItem[]
}

/** A document as the engine answers it. */
export function storedDocument({ _version, _source = {} }: ReadItem): StoredDocument {
  const {
    [bookkeeping.ordinal]: ordinal = 0,
    [bookkeeping.snapshot]: snapshot,
    [bookkeeping.deleted]: deleted,
    ...source
  } = _source
  return {
    version: BigInt(String(_version)),
    ordinal: BigInt(String(ordinal)),
    snapshot: snapshot as string | undefined,
    deleted: deleted === true,
    source,
  }
}

function readFailed(index: string, { _id, error }: ReadItem): Error {
  if (error?.type === 'index_not_found_exception') return indexMissing(index, 'reading documents')
  return searchError(new Error(`${error?.type}: ${error?.reason}`), `reading document "${_id}" of "${index}"`)
}
