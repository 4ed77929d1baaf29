import type { Column } from '../../definition.ts'
import type { Value } from '../../encoding.ts'
import type { PlannedAggregate } from '../aggregates.ts'
import { groupedColumn, kindOf } from '../columns.ts'
import type { Group } from '../group-entry.ts'
import type { PlannedGroup } from '../groups.ts'
import type { PlannedBound } from '../having.ts'
import type { SummarizePlan } from '../plan.ts'
import { calendarKey, isCalendar } from './calendar.ts'
import { queryValue } from './fields.ts'

/**
 * Groups in the order that is asked for. A sum that is exact in an index has at most 15 digits, which a double tells apart.
 *
 * @param groups in the order of their values
 */
export function inOrder<G extends Group>({ order: { by, descending }, aggregates }: SummarizePlan, groups: G[]): G[] {
  if (by === 'group') return groups
  const sign = descending ? -1 : 1
  const place = by === 'count' ? undefined : aggregates.indexOf(by)
  const keyed = groups.map((group) => ({
    group,
    key: keyOf(by, place === undefined ? group.count : group.computed[place]),
  }))
  return keyed.toSorted((a, b) => inSequence(sign, a.key, b.key)).map(({ group }) => group)
}

/** Groups in the order of their values, which is descending if that was asked for; a missing value comes last. */
export function byValues<G extends Group>({ groups, order }: SummarizePlan, found: readonly G[]): G[] {
  const sign = order.by === 'group' && order.descending ? -1 : 1
  const keyed = found.map((group) => ({ group, keys: groups.map((term, place) => termKey(term, group.values[place])) }))
  const compare = (a: SortKey[], b: SortKey[]) =>
    groups.reduce((found, _, place) => found || inSequence(sign, a[place] ?? null, b[place] ?? null), 0)
  return keyed.toSorted((a, b) => compare(a.keys, b.keys)).map(({ group }) => group)
}

function termKey(group: PlannedGroup, value: Value | undefined): SortKey {
  if (value === null || value === undefined) return null
  if (group.ranges) return group.ranges.indexOf((value as { from: Value }).from as Value)
  return isCalendar(group) ? calendarKey(group, value) : valueKey(groupedColumn(group.column), value)
}

type SortKey = number | bigint | string | null

/** What orders a value as the engines do: by number, or by UTF-8 bytes. */
function keyOf(by: 'count' | PlannedAggregate, value: Value | undefined): SortKey {
  if (value === null || value === undefined) return null
  const isExtreme = by !== 'count' && (by.function === 'min' || by.function === 'max')
  return isExtreme ? valueKey(by.column, value) : Number(value)
}

function valueKey(column: Column, value: Value): SortKey {
  const held = queryValue(column, value)
  if (column.encoding.exact?.mapping.type === 'long') return BigInt(held as string | number)
  const isNumber = kindOf(column) === 'number' || (kindOf(column) === 'decimal' && !column.encoding.exact)
  return isNumber ? Number(held) : byBytes(String(held))
}

/** Strings of JavaScript are compared by code units, these by code points, as bytes of UTF-8 are. */
const byBytes = (text: string): string => Buffer.from(text).toString('latin1')

function inSequence(sign: number, a: SortKey, b: SortKey): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  if (a === b) return 0
  return a < b ? -sign : sign
}

/** Whether a group lies within all bounds of `having`; one that lacks the number does not. */
export const isKept = ({ having, aggregates }: SummarizePlan, group: Group): boolean =>
  having.every(({ of, operator, value }) => {
    const number = of === 'count' ? group.count : group.computed[aggregates.indexOf(of)]
    return number !== null && number !== undefined && holds(operator, Number(number), Number(value))
  })

function holds(operator: PlannedBound['operator'], number: number, bound: number): boolean {
  switch (operator) {
    case 'eq':
      return number === bound
    case 'gt':
      return number > bound
    case 'gte':
      return number >= bound
    case 'lt':
      return number < bound
    default:
      return number <= bound
  }
}
