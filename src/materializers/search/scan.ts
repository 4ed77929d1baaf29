import type { Client } from '@opensearch-project/opensearch'
import type { Column, Definition } from '../../definition.ts'
import { TrifoldError } from '../../errors.ts'
import type { ValueSink } from '../../materializer.ts'
import { rawAnswer } from '../../opensearch/raw-answer.ts'
import { DocumentReader } from './document-reader.ts'
import { skipValue } from './json-bytes.ts'
import { readableRow } from './readable-row.ts'

/** Documents of a page: few at first, then as many as give about so many bytes. */
const firstPage = 500
const mostPerPage = 5_000
const bytesPerPage = 4 * 1024 * 1024

/** The documents of a point in time, in the order in which they are stored: of these the engine decompresses each block once. */
export interface ScannedIndex {
  client: Client
  index: string
  definition: Definition
  /** As it is named in requests. */
  pit: { id: string; keep_alive: string }
  /** An order that is total. */
  sort: object[]
}

/** A part of the documents that is read at once. */
interface Page {
  size: number
  /** What the engine calls the place of the last document before, as JSON. */
  after: string | undefined
}

/**
 * Gives the documents that a query finds to the sink, page by page: one before each turn. The next page is read meanwhile.
 *
 * @returns of each page the number of documents
 * @throws SEARCH_UNREACHABLE, SEARCH_FAILED
 */
export async function* scanIndex(
  scanned: ScannedIndex,
  query: object,
  columns: readonly Column[],
  sink: ValueSink,
): AsyncGenerator<number> {
  const reader = new DocumentReader(columns, sink, (source) => readableRow(scanned.definition, source))
  let page: Page = { size: firstPage, after: undefined }
  for (let read: Promise<Buffer> | undefined = readPage(scanned, query, page); read; ) {
    const answer: Buffer = await read
    const after = lastSort(answer)
    page = { size: nextSize(page.size, answer.length), after }
    const next: Promise<Buffer> | undefined = after === undefined ? undefined : readPage(scanned, query, page)
    next?.catch(() => {}) // reported when it is waited for
    yield reader.read(answer)
    read = next
  }
}

const nextSize = (size: number, bytes: number): number =>
  Math.max(1, Math.min(mostPerPage, 4 * size, Math.floor((size * bytesPerPage) / bytes)))

async function readPage({ client, index, pit, sort }: ScannedIndex, query: object, page: Page): Promise<Buffer> {
  const { size, after } = page
  const asked = JSON.stringify({ pit, size, query, sort, track_total_hits: false })
  // Its numbers may be larger than JavaScript's, so it is sent back as it came.
  const body = after === undefined ? asked : `${asked.slice(0, -1)},"search_after":${after}}`
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

const sortMember = '"sort":'

/** Where the last document stands; undefined without documents. Within a string the quotes would have backslashes. */
function lastSort(answer: Buffer): string | undefined {
  const at = answer.lastIndexOf(`${sortMember}[`)
  if (at < 0) return undefined
  const start = at + sortMember.length
  return answer.toString('utf8', start, skipValue(answer, start))
}

const ranOutOfTime = (index: string): TrifoldError =>
  new TrifoldError('SEARCH_FAILED', `search: reading "${index}" ran out of time; look at the health of the index`, {
    details: { retryable: true },
  })
