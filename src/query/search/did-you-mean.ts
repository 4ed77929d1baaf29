import type { Client } from '@opensearch-project/opensearch'
import { distance } from '../nearest.ts'
import type { FindPlan } from '../plan.ts'
import type { Correction } from '../request.ts'
import { folded, type Word, wordsOf } from '../words.ts'
import type { ReadIndex } from './ask.ts'
import { type Asked, countsOf, foundWords } from './found-words.ts'
import { textClause } from './text.ts'
import { columnsOf } from './text-word.ts'

/** Fewer rows than this are few. */
const few = 3

/** Most words that are looked up, and most words that are tried in the place of one. */
const mostCorrected = 5
const mostTried = 3

/** Shorter words have too many neighbours. */
const shortest = 3

/**
 * What may have been meant, if a first page has few rows and no other follows. Words are looked for with more typos than
 * `find` forgives, in the rows that fulfil all conditions, and the corrected text has to find more rows than were found.
 *
 * @param found rows on the page
 */
export async function correctionFor(
  client: Client,
  source: ReadIndex,
  plan: FindPlan,
  found: number,
): Promise<{ didYouMean?: Correction }> {
  const { text, conditions, after } = plan
  if (!text || after || found >= few) return {}
  const ends = performance.now() + plan.deadline
  const asked = { conditions, searched: source.text, preference: plan.signature, ends }
  const words = wordsOf(text.query)
  const tried = await Promise.all(words.map((word, place) => wordsInstead(client, source, asked, word, place)))
  const texts = alternatives(text.query, words, tried)
  const counts = await countsOf(
    client,
    source,
    asked,
    texts.map((query) => textClause({ ...text, query }, source.text, source.rules)),
  )
  const place = counts.findIndex((count) => count > found)
  return place < 0 ? {} : { didYouMean: { text: texts[place] as string, count: counts[place] as number } }
}

/** Words of rows that may stand for one, the nearest first; none if rows have the word itself, or it is not corrected. */
async function wordsInstead(
  client: Client,
  source: ReadIndex,
  asked: Asked,
  { text, isPhrase }: Word,
  place: number,
): Promise<string[]> {
  const length = [...text].length
  if (isPhrase || place >= mostCorrected || length < shortest || /\p{N}/u.test(text)) return []
  const { fields } = columnsOf(asked.searched)
  const near = {
    multi_match: { query: text, fields, operator: 'and', fuzziness: length === shortest ? 1 : 2, max_expansions: 50 },
  }
  const found = await foundWords(client, source, asked, { rows: near, words: near })
  const typed = folded(text)
  if (found.has(typed)) return []
  return [...found]
    .map(([form, { word, rows }]) => ({ word, rows, edits: distance(typed, form) }))
    .sort((a, b) => a.edits - b.edits || b.rows - a.rows)
    .slice(0, mostTried)
    .map(({ word }) => word)
}

/** The text with one or several of its words exchanged, first with the nearest ones. */
function alternatives(query: string, words: readonly Word[], tried: readonly string[][]): string[] {
  const ranks = Array.from({ length: mostTried }, (_, rank) => rank)
  const texts = ranks.flatMap((rank) =>
    tried.some((some) => some[rank] !== undefined)
      ? [exchanged(query, words, (place) => tried[place]?.[rank] ?? tried[place]?.[0])]
      : [],
  )
  return [...new Set(texts)]
}

function exchanged(query: string, words: readonly Word[], instead: (place: number) => string | undefined): string {
  let [text, rest] = ['', query]
  words.forEach((word, place) => {
    const at = rest.indexOf(word.text)
    text += rest.slice(0, at) + (instead(place) ?? word.text)
    rest = rest.slice(at + word.text.length)
  })
  return text + rest
}
