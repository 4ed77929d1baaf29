import type { PlannedAggregate } from './aggregates.ts'
import { invalidQuery } from './invalid.ts'
import { shown } from './parts.ts'

/** What groups are ordered by, then by their values; groups that lack it come last in both directions. */
export interface GroupOrder {
  by: 'count' | 'group' | PlannedAggregate
  descending: boolean
}

/** The order that a summary asks for, by default the largest count first. @throws QUERY_INVALID */
export function groupOrderOf(
  sort: unknown,
  { isGrouped, aggregates }: { isGrouped: boolean; aggregates: readonly PlannedAggregate[] },
): GroupOrder {
  if (sort === undefined) return { by: 'count', descending: true }
  const descending = typeof sort === 'string' && sort.startsWith('-')
  const name = descending ? sort.slice(1) : sort
  const by = name === 'count' || name === 'group' ? name : aggregates.find((one) => one.name === name)
  if (by === undefined) throw unknownOrder(sort, name, aggregates)
  if (!isGrouped) throw invalidQuery(`\`sort\` orders groups; give the summary a \`group\`, or leave it out`)
  return { by, descending }
}

function unknownOrder(sort: unknown, name: unknown, aggregates: readonly PlannedAggregate[]): Error {
  if (name === 'sum')
    return invalidQuery('`sort` orders groups by their sum; give the summary a `sum`, or leave it out')
  const names = [...new Set(['count', 'sum', 'group', ...aggregates.map((one) => one.name)])]
  return invalidQuery(
    `\`sort\` of a summary takes ${names.join(', ')}, or one of these behind a minus, not ${shown(sort)}`,
  )
}
