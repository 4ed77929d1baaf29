import type { Client } from '@opensearch-project/opensearch'
import type { Column, Definition } from '../../definition.ts'
import { TrifoldError } from '../../errors.ts'
import type { ValueSink } from '../../materializer.ts'
import { rawAnswer } from '../../opensearch/raw-answer.ts'
import { DocumentReader } from './document-reader.ts'
import { visibleDocuments } from './mapping.ts'
import { readableRow } from './readable-row.ts'

const documentsPerPage = 5_000

/** The documents of a point in time, in the order in which they are stored: of these the engine decompresses each block once. */
export interface ScannedIndex {
  client: Client
  index: string
  definition: Definition
  /** As it is named in requests. */
  pit: { id: string; keep_alive: string }
}

/** Gives all documents to the sink. @throws SEARCH_UNREACHABLE, SEARCH_FAILED */
export async function scanIndex(
  scanned: ScannedIndex,
  columns: readonly Column[],
  sink: ValueSink,
  signal: AbortSignal | undefined,
): Promise<void> {
  const reader = new DocumentReader(columns, sink, (source) => readableRow(scanned.definition, source))
  for (let page: Promise<Buffer> | undefined = readPage(scanned, undefined); page; ) {
    signal?.throwIfAborted()
    const answer: Buffer = await page
    const after = lastSort(answer)
    const next: Promise<Buffer> | undefined = after === undefined ? undefined : readPage(scanned, after)
    next?.catch(() => {}) // reported when it is waited for
    reader.read(answer)
    page = next
  }
}

async function readPage({ client, index, pit }: ScannedIndex, after: string | undefined): Promise<Buffer> {
  const body = JSON.stringify({
    pit,
    size: documentsPerPage,
    query: visibleDocuments,
    sort: [{ _shard_doc: 'asc' }],
    track_total_hits: false,
    ...(after !== undefined && { search_after: JSON.parse(after) }),
  })
  const answer = await rawAnswer(
    `reading "${index}"`,
    client.search(
      {
        body: body as unknown as Record<string, unknown>, // the client sends text as it is
        allow_partial_search_results: false,
      },
      { asStream: true },
    ),
  )
  if (answer.toString('latin1', 0, 200).includes('"timed_out":true')) throw ranOutOfTime(index)
  return answer
}

/** Where the last document stands; undefined without documents. Within a string the quotes would have backslashes. */
function lastSort(answer: Buffer): string | undefined {
  const at = answer.lastIndexOf('"sort":[')
  return at < 0 ? undefined : answer.toString('latin1', at + '"sort":'.length, answer.indexOf(']', at) + 1)
}

const ranOutOfTime = (index: string): TrifoldError =>
  new TrifoldError('SEARCH_FAILED', `search: reading "${index}" ran out of time; look at the health of the index`, {
    details: { retryable: true },
  })
