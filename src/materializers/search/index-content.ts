import type { Client } from '@opensearch-project/opensearch'
import { TrifoldError } from '../../errors.ts'
import { answerOf } from '../../opensearch/client.ts'
import { bookkeeping, visibleDocuments } from './mapping.ts'
import { stateDocumentId } from './state-document.ts'

/**
 * Makes all that was written before the call searchable.
 *
 * @throws INDEX_REFRESH_FAILED if a shard failed or has no primary: what is searchable is then unknown
 */
export async function refreshIndex(client: Client, index: string): Promise<void> {
  const { _shards: shards } = await answerOf(
    `refreshing "${index}"`,
    client.indices.refresh({ index }, { maxRetries: 0 }),
  )
  const { total = 0, successful = 0, failed = 0 } = shards ?? {}
  if (failed > 0) throw refreshFailed(index, `${failed} of ${total} shards failed`, shards?.failures)
  // A shard without a primary counts neither as successful nor as failed; neither does a replica without a node.
  if (successful < total && (await isRed(client, index))) throw refreshFailed(index, 'a shard has no primary')
}

async function isRed(client: Client, index: string): Promise<boolean> {
  // For an index that was just deleted the engine waits whether it comes back: half a minute by default.
  const asked = client.cluster.health({ index, timeout: '1s' }, { maxRetries: 0, ignore: [408] })
  const health = await answerOf(`asking for the health of "${index}"`, asked)
  return health.status === 'red'
}

function refreshFailed(index: string, reason: string, failures?: unknown): TrifoldError {
  return new TrifoldError(
    'INDEX_REFRESH_FAILED',
    `search: the index refresh of "${index}" failed: ${reason}; see the cluster's health and OpenSearch's log`,
    { details: { index, failures } },
  )
}

/** What is hidden and is not the state document. */
const tombstones = {
  bool: { filter: { term: { [bookkeeping.deleted]: true } }, must_not: { ids: { values: [stateDocumentId] } } },
}

export interface IndexStats {
  /** Documents that readers see, as of the last index refresh. */
  documents: number
  /** Tombstones of removed rows, as of the last index refresh. */
  tombstones: number
  /** Bytes on disk, all copies. */
  bytes: number
}

export async function indexStats(client: Client, index: string): Promise<IndexStats> {
  const [counted, hidden, stats] = await Promise.all([
    answerOf(`counting "${index}"`, client.count({ index, body: { query: visibleDocuments } })),
    answerOf(`counting tombstones of "${index}"`, client.count({ index, body: { query: tombstones } })),
    answerOf(`measuring "${index}"`, client.indices.stats({ index, metric: 'store' })),
  ])
  return { documents: counted.count, tombstones: hidden.count, bytes: stats._all.total?.store?.size_in_bytes ?? 0 }
}
