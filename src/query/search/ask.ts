import type { Client } from '@opensearch-project/opensearch'
import { TrifoldError } from '../../errors.ts'
import { answerOf } from '../../opensearch/client.ts'
import { chainOf, reasonOf } from '../../opensearch/engine-error.ts'
import type { SearchedColumn } from '../../read-model/text-column.ts'
import type { TextRules } from '../../read-model/text-rules.ts'
import { readTimeout } from '../read-timeout.ts'
import type { PlannedText } from '../text.ts'
import type { Readable } from '../where.ts'
import { refuseManyWords } from './text.ts'

/** An index with the columns of a definition, read through the alias that hides deleted documents. */
export interface ReadIndex extends Readable {
  /** The public alias; or an index, with the filter that the alias has. */
  index: string
  filter?: Record<string, unknown>
  /** `order_summary@search` */
  target: string
  /** The columns that have full text. */
  text: readonly SearchedColumn[]
  /** How words are looked for in them; default: as a target that says nothing of it. */
  rules?: TextRules | undefined
  /** Targets of the read model that can do what this one cannot, for refusals. */
  alternatives?: readonly string[]
}

interface Answer {
  timed_out: boolean
  _shards: { total: number; failed: number; failures?: { reason?: object }[] }
}

/** One search: the body as JSON, and what else it is asked with. */
export interface Search {
  body: string
  /** Searches of one preference ask the same copies, so that pages of one query agree. */
  preference: string
  /** Milliseconds for all attempts together. */
  deadline: number
  /** Whether the body names a point in time, which is of an index and of copies already. */
  isAtPointInTime?: boolean
}

/**
 * Runs one search and refuses an answer that lacks a shard or ran out of time: rows would be missing without a trace.
 *
 * @throws READ_TIMEOUT, SEARCH_FAILED, SEARCH_UNREACHABLE
 */
export async function ask<T>(client: Client, source: ReadIndex, search: Search): Promise<T> {
  const { deadline, isAtPointInTime = false } = search
  const request = client.search(
    {
      ...(!isAtPointInTime && {
        index: source.index,
        preference: `query-${search.preference}`,
        ignore_unavailable: false,
        allow_no_indices: false,
      }),
      body: search.body as unknown as Record<string, unknown>, // the client sends text as it is
      timeout: `${Math.ceil(deadline)}ms`, // the engine gives up as well, so that nothing runs on for nobody
      allow_partial_search_results: false,
    },
    { requestTimeout: deadline + 1_000 }, // the deadline below comes first
  )
  const answer = (await answerInTime(source.target, request, deadline)) as Answer
  if (answer.timed_out) throw readTimeout(source.target, deadline)
  refusePartial(source, answer)
  return answer as T
}

/** The client tries again after a broken connection, each time for as long as the first: the deadline is for all of it. */
async function answerInTime(
  target: string,
  request: PromiseLike<{ body: unknown }> & { abort(): void },
  deadline: number,
): Promise<unknown> {
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    request.abort()
  }, deadline)
  try {
    return await answerOf(`a query of ${target}`, request)
  } catch (error) {
    throw isLate ? readTimeout(target, deadline, error) : error
  } finally {
    clearTimeout(timer)
  }
}

function refusePartial({ target }: ReadIndex, { _shards: { total, failed, failures = [] } }: Answer): void {
  if (failed === 0) return
  const reason = failures[0]?.reason ? ` (${reasonOf(chainOf(failures[0].reason))})` : ''
  throw new TrifoldError(
    'SEARCH_FAILED',
    `search: a query of ${target} lacks ${failed} of ${total} shards${reason}; look at the health of the index`,
    { details: { failedShards: failed } },
  )
}

/** @throws QUERY_UNSUPPORTED if the target declares no full text, QUERY_INVALID if it is asked for too many words */
export function refuseText(source: ReadIndex, text: PlannedText | undefined): void {
  if (text === undefined) return
  if (source.text.length === 0) throw withoutText(source)
  refuseManyWords(text, source.text)
}

const withoutText = ({ target }: ReadIndex): TrifoldError =>
  new TrifoldError(
    'QUERY_UNSUPPORTED',
    `query: ${target} has no full text; name its columns in \`text\` of the search target`,
    { details: { target } },
  )
