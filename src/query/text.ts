import { invalidQuery } from './invalid.ts'
import { partsOf, shown } from './parts.ts'
import type { FullText } from './request.ts'
import { longestWord, mostWords } from './words.ts'

/** Checked words, and how they are to be found. */
export type PlannedText = Required<FullText>

const form =
  "`text` takes words, or { query: words, typos: true or false, prefix: true or false, match: 'all' or 'any' }"

/** The words that are asked for; undefined if none are. @throws QUERY_INVALID */
export function textOf(text: unknown): PlannedText | undefined {
  if (text === undefined) return undefined
  const {
    query,
    typos = true,
    prefix = true,
    match = 'all',
    ...others
  } = typeof text === 'object' ? partsOf('`text`', text) : { query: text }
  const [other] = Object.keys(others)
  if (other !== undefined) throw invalidQuery(`${form}, and no \`${other.slice(0, 60)}\``)
  if (typeof query !== 'string' || typeof typos !== 'boolean' || typeof prefix !== 'boolean') {
    const wrong = [query, typos, prefix].find((one, place) => typeof one !== (place === 0 ? 'string' : 'boolean'))
    throw invalidQuery(`${form}, not ${shown(wrong)}`)
  }
  if (match !== 'all' && match !== 'any') throw invalidQuery(`${form}, not ${shown(match)}`)
  refuseWords(query)
  return { query, typos, prefix, match }
}

function refuseWords(query: string): void {
  const words = query.split(/\s+/).filter((word) => word !== '')
  if (words.length === 0) throw invalidQuery('`text` is blank; leave it out to find every row')
  if (words.length > mostWords) throw invalidQuery(`\`text\` has ${words.length} words; it takes at most ${mostWords}`)
  const long = words.find((word) => word.length > longestWord)
  if (long) {
    throw invalidQuery(`\`text\` has a word of ${long.length} characters; it takes words of at most ${longestWord}`)
  }
  if (/\p{Surrogate}/u.test(query))
    throw invalidQuery('`text` holds half of a surrogate pair; give it whole characters')
}
