import { invalidQuery } from '../invalid.ts'
import type { PlannedText } from '../text.ts'
import { mostWords, partsOfWords, wordsOf } from '../words.ts'
import { textFields } from './fields.ts'

type Clause = Record<string, unknown>

/** The engine takes 1,024 clauses in a query; this leaves some for the conditions. */
const mostClauses = 800

/** Other words that a word with a typo may stand for, where there is room: the engine's default. */
const mostVariants = 50

/** A score of one part of a word is below this, however many variants of it a row holds. */
const largestScore = 10

/** Refuses more words than the engine takes in one query. @throws QUERY_INVALID */
export function refuseManyWords({ query }: PlannedText, columns: readonly string[]): void {
  const [parts, most] = [
    partsOfWords(query),
    Math.min(mostWords, Math.floor(mostClauses / 2 / columns.flatMap(textFields).length)),
  ]
  if (parts <= most) return
  const where = `${columns.length} ${columns.length === 1 ? 'column' : 'columns'}`
  throw invalidQuery(`\`text\` has ${parts} words; at most ${most} can be looked for at once in ${where}`)
}

/**
 * Every word in one of the columns, so that more words find less. The engine's AUTO distance is one edit from three
 * letters on and two from six on; it reads the terms that begin with the word's first letter, and not all of them. Rows
 * that hold more of the words as they are written come first.
 */
export function textClause({ query, typos, prefix }: PlannedText, columns: readonly string[]): Clause {
  const fields = columns.flatMap(textFields)
  const type = prefix ? 'bool_prefix' : 'best_fields'
  const words = { query, fields, operator: 'and', type }
  if (!typos) return { multi_match: words }
  const parts = Math.max(1, partsOfWords(query))
  const room = Math.floor(mostClauses / (parts * fields.length)) - 1
  const forgiving = { fuzziness: 'AUTO', prefix_length: 1, max_expansions: Math.max(1, Math.min(mostVariants, room)) }
  // A power of two leaves the score behind it as it is.
  const boost = 2 ** Math.ceil(Math.log2(largestScore * parts))
  const asWritten = wordsOf(query).map((word) => ({
    constant_score: { filter: { multi_match: { query: word, fields, operator: 'and' } }, boost },
  }))
  return { bool: { must: [{ multi_match: { ...words, ...forgiving } }], should: asWritten } }
}
