import type { Client } from '@opensearch-project/opensearch'
import type { TextRules } from '../../read-model/text-rules.ts'
import { invalidQuery } from '../invalid.ts'
import type { Checked } from '../reader.ts'
import { mostSuggestions, planSuggest, type Suggestion, type Suggestions, type SuggestPlan } from '../suggest.ts'
import { folded, wordsOf } from '../words.ts'
import { type ReadIndex, refuseText } from './ask.ts'
import { type Asked, countsOf, type FoundWord, foundWords } from './found-words.ts'
import { searchedAmong, textClause } from './text.ts'

/**
 * Checks a request for suggestions. Words are taken from rows that fulfil all conditions, those of a restriction among
 * them, and the texts that they give are counted under the same conditions: none tells of another row.
 *
 * @throws QUERY_INVALID, QUERY_UNSUPPORTED, TOKEN_INVALID; the answer READ_TIMEOUT, SEARCH_FAILED, SEARCH_UNREACHABLE
 */
export function checkSuggestInIndex(client: Client, source: ReadIndex, request: unknown): Checked<Suggestions> {
  const plan = planSuggest(source, request)
  refuseText(source, plan.text)
  const searched = searchedAmong(source.text, plan.columns)
  if (searched.length === 0)
    throw invalidQuery(
      `no column of \`columns\` has full text; use one of ${source.text.map(({ column }) => column).join(', ')}`,
    )
  const answer = async () => {
    const asked = {
      conditions: plan.conditions,
      searched,
      preference: source.target,
      ends: performance.now() + plan.deadline,
    }
    return { suggestions: await suggestionsFor(client, source, plan, asked), target: source.target }
  }
  return { wait: plan.wait, answer }
}

async function suggestionsFor(
  client: Client,
  source: ReadIndex,
  { text, limit }: SuggestPlan,
  asked: Asked,
): Promise<Suggestion[]> {
  const last = wordsOf(text.query).at(-1)
  if (last === undefined || last.isPhrase) return []
  const found = await foundWords(client, source, asked, {
    rows: textClause(text, asked.searched, withoutSynonyms(source)),
    words: textClause({ ...text, query: last.text }, asked.searched, withoutSynonyms(source)),
  })
  const front = text.query.slice(0, text.query.lastIndexOf(last.text))
  const candidates = nearestFirst(found, last.text).map(({ word, goesOn }) => ({ text: `${front}${word}`, goesOn }))
  const clauses = candidates.map((one) => textClause({ ...exact, query: one.text }, asked.searched, source.rules))
  const counts = await countsOf(client, source, asked, clauses)
  return candidates
    .map((one, place) => ({ ...one, count: counts[place] as number }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => Number(b.goesOn) - Number(a.goesOn) || b.count - a.count)
    .slice(0, limit)
    .map(({ text, count }) => ({ text, count }))
}

/** Words that are found as they are. */
const exact = { typos: false, prefix: false, match: 'all' } as const

/** Words that go on from what was typed, then the others; of each those that most rows have. */
function nearestFirst(found: ReadonlyMap<string, FoundWord>, typed: string): { word: string; goesOn: boolean }[] {
  return [...found]
    .map(([form, { word, rows }]) => ({ word, rows, goesOn: form.startsWith(folded(typed)) }))
    .sort((a, b) => Number(b.goesOn) - Number(a.goesOn) || b.rows - a.rows)
    .slice(0, mostSuggestions)
}

/** What is typed goes on as itself: a synonym is another word. */
const withoutSynonyms = ({ rules }: ReadIndex): TextRules => ({ ...(rules?.typos && { typos: rules.typos }) })
