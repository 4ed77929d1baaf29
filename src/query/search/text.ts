import type { Column } from '../../definition.ts'
import type { SearchedColumn } from '../../read-model/text-column.ts'
import type { Forgiveness, TextRules } from '../../read-model/text-rules.ts'
import { invalidQuery } from '../invalid.ts'
import type { PlannedText } from '../text.ts'
import { mostWords, partsOfWords, wordsOf } from '../words.ts'
import { boostClause } from './boost.ts'
import { textFields } from './fields.ts'
import { synonymsOf } from './synonyms.ts'
import {
  type Clause,
  type Columns,
  columnsOf,
  exactly,
  inOrder,
  type Looked,
  ranks,
  type Way,
  waysToFind,
} from './text-word.ts'

/** The engine takes 1,024 clauses in a query; this leaves some for the conditions. */
const mostClauses = 800

/** Other words that a word with a typo may stand for, where there is room: the engine's default. */
const mostVariants = 50

/** Clauses of a part of a word in one field, apart from its variants. */
const clausesOfPart = { whole: 8, plain: 2 }

/** Those of the searched columns that are among some. */
export const searchedAmong = (searched: readonly SearchedColumn[], columns: readonly Column[]): SearchedColumn[] =>
  searched.filter(({ column }) => columns.some(({ name }) => name === column))

/** Refuses more words than the engine takes in one query. @throws QUERY_INVALID */
export function refuseManyWords({ query }: PlannedText, columns: readonly SearchedColumn[]): void {
  const [parts, most] = [
    partsOfWords(query),
    Math.min(mostWords, Math.floor(mostClauses / 2 / columns.flatMap(({ column }) => textFields(column)).length)),
  ]
  if (parts <= most) return
  const where = `${columns.length} ${columns.length === 1 ? 'column' : 'columns'}`
  throw invalidQuery(`\`text\` has ${parts} words; at most ${most} can be looked for at once in ${where}`)
}

/**
 * Every word in some column, so that more words find less (or some of them, if that is asked for). How near a row comes to
 * a word counts more than anything else: as it is written, another form of it, divided or joined or going on, with one
 * edit, with two. Between rows that come as near it counts where the words are, how many others are with them, and the
 * numbers of `boosts`.
 */
export function textClause(text: PlannedText, searched: readonly SearchedColumn[], rules: TextRules = {}): Clause {
  const columns = columnsOf(searched)
  const words = wordsOf(text.query)
  const synonyms = synonymsOf(words, rules.synonyms)
  const looked = roomFor(text, columns, rules.typos, synonyms)
  const boosts = (rules.boosts ?? []).map(boostClause)
  const boosted = rules.boosts?.reduce((sum, { weight = 1 }) => sum + weight, 0) ?? 0
  const greatest = 2 ** Math.ceil(Math.log2(words.length * columns.weight + boosted + 1))
  const found = words.map((_, place) => nearest(waysToFind(words, place, columns, looked, synonyms[place]), greatest))
  const written = words.map((word) => exactly(word, columns))
  if (words.length === 0) return { match_none: {} }
  return {
    bool: {
      must: { bool: { should: found, minimum_should_match: text.match === 'all' ? words.length : 1 } },
      should: [...written, ...(words.length > 1 && looked.isWhole ? [inOrder(text.query, columns)] : []), ...boosts],
    },
  }
}

/** What is looked for: with many words only the words themselves and their variants. */
function roomFor(
  { query, typos, prefix }: PlannedText,
  { fields }: Columns,
  { edits = 2, firstLetter = false }: Forgiveness = {},
  synonyms: readonly string[][],
): Looked {
  const parts = Math.max(1, partsOfWords(query) + partsOfWords(synonyms.flat().join(' '))) * fields.length
  const isWhole = parts * clausesOfPart.whole <= mostClauses / 2
  const left = mostClauses / parts - (isWhole ? clausesOfPart.whole : clausesOfPart.plain)
  const variants = Math.floor(left / (isWhole ? 2 : 1))
  return {
    isWhole,
    edits: typos ? edits : 0,
    firstLetter,
    prefix,
    variants: Math.max(1, Math.min(mostVariants, variants)),
  }
}

/** The best of the ways in which a row may hold a word. */
const nearest = (ways: readonly Way[], greatest: number): Clause => ({
  dis_max: {
    queries: ways.map(({ rank, clause }) => ({ constant_score: { filter: clause, boost: ranks[rank] * greatest } })),
  },
})
