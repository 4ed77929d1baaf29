import { invalidQuery } from './invalid.ts'
import { partsOf, shown } from './parts.ts'
import type { FullText } from './request.ts'

/** Checked words, and how they are to be found. */
export type PlannedText = Required<FullText>

const form = '`text` takes words, or { query: words, typos: true or false }'

/** The words that are asked for; undefined if none are. @throws QUERY_INVALID */
export function textOf(text: unknown): PlannedText | undefined {
  if (text === undefined) return undefined
  const { query, typos = true, ...others } = typeof text === 'object' ? partsOf('`text`', text) : { query: text }
  const [other] = Object.keys(others)
  if (other !== undefined) throw invalidQuery(`${form}, and no \`${other.slice(0, 60)}\``)
  if (typeof query !== 'string' || typeof typos !== 'boolean') {
    throw invalidQuery(`${form}, not ${shown(typeof query === 'string' ? typos : query)}`)
  }
  if (query.trim() !== '') return { query, typos }
  throw invalidQuery('`text` is blank; leave it out to find every row')
}
