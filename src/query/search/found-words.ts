import type { Client } from '@opensearch-project/opensearch'
import type { SearchedColumn } from '../../read-model/text-column.ts'
import type { Condition } from '../where.ts'
import { folded } from '../words.ts'
import { ask, type ReadIndex } from './ask.ts'
import { textFields } from './fields.ts'
import { conditionsClause } from './filter.ts'
import { type EngineHighlight, Highlighter } from './highlight.ts'
import type { Clause } from './text-word.ts'

/** Rows that words are taken from. */
const rowsRead = 100

/** What is asked for words: rows that fulfil all conditions, in some columns. */
export interface Asked {
  conditions: readonly Condition[]
  searched: readonly SearchedColumn[]
  /** Of one request all searches ask the same copies. */
  preference: string
  /** When the answer has to be there, by `performance.now()`. */
  ends: number
}

/** A word as rows write it, and in how many of the rows that were read. */
export interface FoundWord {
  word: string
  rows: number
}

/**
 * The words of rows that a clause finds, by their {@link folded} form, as the engine itself marks them. They come from
 * documents and under conditions, not from the dictionary of the index, which knows words of all rows.
 *
 * @param rows which rows are read @param words which of their words
 */
export async function foundWords(
  client: Client,
  source: ReadIndex,
  asked: Asked,
  { rows, words }: { rows: Clause; words: Clause },
): Promise<Map<string, FoundWord>> {
  const columns = asked.searched.map(({ column }) => column)
  const highlighter = new Highlighter(columns)
  const body = {
    size: rowsRead,
    track_total_hits: false,
    _source: false,
    query: conditionsClause(source, asked.conditions, rows),
    highlight: {
      ...highlighter.clause(),
      highlight_query: words,
      fields: Object.fromEntries(columns.flatMap(textFields).map((field) => [field, {}])),
    },
  }
  const { hits } = await askAll<{ hits: { hits: { highlight?: EngineHighlight }[] } }>(client, source, asked, body)
  const found = new Map<string, FoundWord>()
  for (const { highlight } of hits.hits)
    for (const word of new Set(Object.values(highlighter.read(highlight)).flatMap((pieces) => marked(pieces ?? []))))
      count(found, word)
  return found
}

const marked = (pieces: { text: string; match: boolean }[][]): string[] =>
  pieces.flat().flatMap(({ text, match }) => (match ? [text] : []))

function count(found: Map<string, FoundWord>, word: string): void {
  const before = found.get(folded(word))
  found.set(folded(word), { word: before?.word ?? word, rows: (before?.rows ?? 0) + 1 })
}

/** How many rows each of some clauses finds, under the same conditions. */
export async function countsOf(
  client: Client,
  source: ReadIndex,
  asked: Asked,
  clauses: readonly Clause[],
): Promise<number[]> {
  if (clauses.length === 0) return []
  const body = {
    size: 0,
    track_total_hits: false,
    query: conditionsClause(source, asked.conditions),
    aggs: { texts: { filters: { filters: [...clauses] } } },
  }
  type Counts = { aggregations: { texts: { buckets: { doc_count: number }[] } } }
  const { aggregations } = await askAll<Counts>(client, source, asked, body)
  return aggregations.texts.buckets.map((bucket) => bucket.doc_count)
}

const askAll = <T>(client: Client, source: ReadIndex, { preference, ends }: Asked, body: object): Promise<T> =>
  ask<T>(client, source, {
    body: JSON.stringify(body),
    preference,
    deadline: Math.max(1, Math.ceil(ends - performance.now())),
  })
