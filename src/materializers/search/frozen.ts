import type { Client } from '@opensearch-project/opensearch'
import { keyOf } from '../../definition/rows.ts'
import type { Column, Definition } from '../../definition.ts'
import type { Row } from '../../encoding.ts'
import { TrifoldError } from '../../errors.ts'
import type { FrozenRows, Kept, ValueSink } from '../../materializer.ts'
import { answerOf, engineVersion } from '../../opensearch/client.ts'
import { keyOrderPlan } from '../../query/reader.ts'
import type { ReadIndex } from '../../query/search/ask.ts'
import { queryClause } from '../../query/search/filter.ts'
import { searchAfterJson, sortClauses } from '../../query/search/order.ts'
import type { Condition } from '../../query/where.ts'
import { storedDocument } from './documents.ts'
import { refreshIndex } from './index-content.ts'
import { contentOf } from './known-documents.ts'
import { visibleDocuments } from './mapping.ts'
import { readableRow } from './readable-row.ts'
import { type ScannedIndex, scanIndex } from './scan.ts'
import { documentId } from './write.ts'

/** A point in time that is not used for so long is given up by the engine. */
const keepAlive = '5m'

/** Documents that are asked for by id in one request. */
const idsPerRequest = 1_000

interface Hit {
  _id: string
  _source: Record<string, unknown>
}

/** The documents of an index as they were at one point in time, after an index refresh. */
export async function freezeIndex(
  client: Client,
  index: string,
  source: Pick<ReadIndex, 'definition' | 'target' | 'alternatives'>,
): Promise<FrozenRows> {
  await refreshIndex(client, index)
  const { pit_id } = await answerOf(
    `opening a point in time of "${index}"`,
    client.createPit({ index: [index], keep_alive: keepAlive, allow_partial_pit_creation: false }),
  )
  return new FrozenIndex(client, index, source, pit_id as string, await hasStoredOrder(client))
}

/** `_shard_doc` came with 3.3. */
async function hasStoredOrder(client: Client): Promise<boolean> {
  const { major, minor } = await engineVersion(client)
  return major > 3 || (major === 3 && minor >= 3)
}

class FrozenIndex implements FrozenRows {
  readonly scan: FrozenRows['scan']
  private readonly client: Client
  private readonly index: string
  private readonly source: Pick<ReadIndex, 'definition' | 'target' | 'alternatives'>
  private readonly definition: Definition
  private readonly pit: string
  private readonly scanned: ScannedIndex
  private ahead: { place: string; rows: Promise<Row[]> } | undefined

  constructor(
    client: Client,
    index: string,
    source: Pick<ReadIndex, 'definition' | 'target' | 'alternatives'>,
    pit: string,
    hasStoredOrder: boolean,
  ) {
    const { definition } = source
    this.client = client
    this.index = index
    this.source = source
    this.definition = definition
    this.pit = pit
    const sort = hasStoredOrder ? [{ _shard_doc: 'asc' }] : sortClauses(keyOrderPlan(definition, 1, undefined).order)
    this.scanned = { client, index, definition, pit: this.pitClause(), sort }
    if (hasStoredOrder) this.scan = (columns, sink, signal) => this.scanAll(columns, sink, signal)
  }

  select(conditions: readonly Condition[], columns: readonly Column[], sink: ValueSink): AsyncIterable<void> {
    const query = queryClause({ ...this.source, filter: visibleDocuments, text: [] }, conditions, undefined)
    return this.selected(query, columns, sink)
  }

  private async *selected(query: object, columns: readonly Column[], sink: ValueSink): AsyncGenerator<void> {
    const expected = await this.count(query)
    let found = 0
    for await (const documents of scanIndex(this.scanned, query, columns, sink)) {
      found += documents
      yield
    }
    if (found !== expected) throw incomplete(this.index, found, expected)
  }

  private async scanAll(columns: readonly Column[], sink: ValueSink, signal?: AbortSignal): Promise<void> {
    for await (const _ of scanIndex(this.scanned, visibleDocuments, columns, sink)) signal?.throwIfAborted()
  }

  private async count(query: object): Promise<number> {
    const answer = await answerOf(
      `counting documents of "${this.index}"`,
      this.client.search({
        body: { pit: this.pitClause(), size: 0, track_total_hits: true, query } as never,
        allow_partial_search_results: false,
      }),
    )
    return Number((answer.hits.total as { value: number }).value)
  }

  /** The page after this one is read meanwhile: most often it is asked for next. */
  async rows(limit: number, after: Row | undefined): Promise<Row[]> {
    const asked = this.placeOf(limit, after)
    const rows = await (this.ahead?.place === asked ? this.ahead.rows : this.page(limit, after))
    this.ahead = undefined
    const last = rows.length === limit ? rows.at(-1) : undefined
    if (last) {
      this.ahead = { place: this.placeOf(limit, last), rows: this.page(limit, last) }
      this.ahead.rows.catch(() => {}) // reported when it is asked for
    }
    return rows
  }

  private placeOf(limit: number, after: Row | undefined): string {
    return JSON.stringify([limit, after && keyOf(this.definition, after)])
  }

  private async page(limit: number, after: Row | undefined): Promise<Row[]> {
    const { definition } = this
    const { order, after: values } = keyOrderPlan(definition, limit, after)
    const body = { size: limit, query: visibleDocuments, sort: sortClauses(order) }
    const hits = await this.search(body, values && `,"search_after":${searchAfterJson(order, values)}`)
    return hits.map(({ _source }) => readableRow(definition, _source))
  }

  async someRows(count: number): Promise<Row[]> {
    const random = { function_score: { query: visibleDocuments, random_score: {} } }
    const hits = await this.search({ size: count, query: random })
    return hits.map(({ _source }) => readableRow(this.definition, _source))
  }

  async kept(keys: readonly string[]): Promise<Map<string, Kept>> {
    const found = new Map<string, Hit>()
    for (let start = 0; start < keys.length; start += idsPerRequest) {
      const ids = keys.slice(start, start + idsPerRequest).map(documentId)
      for (const hit of await this.search({ size: ids.length, query: { ids: { values: ids } } }))
        found.set(hit._id, hit)
    }
    const kept = new Map<string, Kept>()
    for (const key of keys) {
      const hit = found.get(documentId(key))
      if (hit) kept.set(key, contentOf(this.definition, storedDocument({ ...hit, _version: 0 })))
    }
    return kept
  }

  async close(): Promise<void> {
    await this.ahead?.rows.catch(() => {})
    await this.client.deletePit({ body: { pit_id: [this.pit] } }).catch(() => {}) // the engine gives it up by itself
  }

  private pitClause() {
    return { id: this.pit, keep_alive: keepAlive }
  }

  /**
   * Whole documents: to choose their fields, or paths of the answer, the engine takes each `_source` apart and writes it
   * again, which costs three times as much.
   */
  private async search(body: object, more = ''): Promise<Hit[]> {
    const pit = { pit: this.pitClause(), track_total_hits: false }
    const text = `${JSON.stringify({ ...pit, ...body }).slice(0, -1)}${more}}`
    const answer = await answerOf(
      `reading "${this.index}"`,
      this.client.search({
        body: text as unknown as Record<string, unknown>, // the client sends text as it is
        allow_partial_search_results: false,
      }),
    )
    return (answer.hits?.hits ?? []) as unknown as Hit[] // no hits, no path
  }
}

const incomplete = (index: string, found: number, expected: number): TrifoldError =>
  new TrifoldError(
    'SEARCH_FAILED',
    `search: "${index}" gave ${found} of ${expected} documents; look at the health of the index`,
  )
