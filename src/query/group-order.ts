import { invalidQuery } from './invalid.ts'
import { shown } from './parts.ts'

/** What groups are ordered by, then by their value; groups without a sum or a value come last in both directions. */
export interface GroupOrder {
  by: 'count' | 'sum' | 'group'
  descending: boolean
}

const takes = ['count', 'sum', 'group'] as const

/** The order that a summary asks for, by default the largest count first. @throws QUERY_INVALID */
export function groupOrderOf(sort: unknown, asked: { group: unknown; sum: unknown }): GroupOrder {
  if (sort === undefined) return { by: 'count', descending: true }
  const descending = typeof sort === 'string' && sort.startsWith('-')
  const by = takes.find((one) => sort === (descending ? `-${one}` : one))
  const form = `\`sort\` of a summary takes ${takes.join(', ')}, or one of these behind a minus`
  if (by === undefined) throw invalidQuery(`${form}, not ${shown(sort)}`)
  const lacking = asked.group === undefined ? 'group' : by === 'sum' && asked.sum === undefined ? 'sum' : undefined
  if (lacking)
    throw invalidQuery(`\`sort\` orders groups by their ${by}; give the summary a \`${lacking}\`, or leave it out`)
  return { by, descending }
}
