import type { Client } from '@opensearch-project/opensearch'
import type { Definition } from '../../definition.ts'
import { TrifoldError } from '../../errors.ts'
import { answerOf } from '../../opensearch/client.ts'
import type { PlannedText } from '../text.ts'

/** An index with the columns of a definition, read through the alias that hides deleted documents. */
export interface ReadIndex {
  /** The public alias; or an index, with the filter that the alias has. */
  index: string
  filter?: Record<string, unknown>
  definition: Definition
  /** `order_summary@search` */
  target: string
  /** The columns that have full text. */
  text: readonly string[]
  /** Targets of the read model that can do what this one cannot, for refusals. */
  alternatives?: readonly string[]
}

interface Answer {
  timed_out: boolean
  _shards: { total: number; failed: number }
}

/** Longest time that the engine may search, in the engine's notation; the client waits a little longer. */
const searchTimeout = '25s'

/**
 * Runs one search and refuses an answer that lacks a shard or ran out of time: rows would be missing without a trace.
 *
 * @param body JSON
 * @param preference searches of one preference ask the same copies, so that pages of one query agree
 * @throws SEARCH_FAILED, SEARCH_UNREACHABLE
 */
export async function ask<T>(client: Client, source: ReadIndex, body: string, preference: string): Promise<T> {
  const request = {
    index: source.index,
    body: body as unknown as Record<string, unknown>, // the client sends text as it is
    preference: `query-${preference}`,
    timeout: searchTimeout,
    allow_partial_search_results: false,
    ignore_unavailable: false,
    allow_no_indices: false,
  }
  const answer = await answerOf(`a query of ${source.target}`, client.search(request))
  refusePartial(source, answer as Answer)
  return answer as T
}

function refusePartial(source: ReadIndex, { timed_out, _shards }: Answer): void {
  if (!timed_out && _shards.failed === 0) return
  const fault = timed_out
    ? `did not finish in ${searchTimeout}; narrow the query, or look at the load of OpenSearch`
    : `lacks ${_shards.failed} of ${_shards.total} shards; look at the health of the index`
  throw new TrifoldError('SEARCH_FAILED', `search: a query of ${source.target} ${fault}`, {
    details: { timedOut: timed_out, failedShards: _shards.failed },
  })
}

/** @throws QUERY_UNSUPPORTED if the target declares no full text */
export function refuseTextWithoutColumns(source: ReadIndex, text: PlannedText | undefined): void {
  if (text === undefined || source.text.length > 0) return
  throw new TrifoldError(
    'QUERY_UNSUPPORTED',
    `query: ${source.target} has no full text; name its columns in \`text\` of the search target`,
    { details: { target: source.target } },
  )
}
