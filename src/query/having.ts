import { plainDecimal } from '../encoding/decimal.ts'
import type { PlannedAggregate } from './aggregates.ts'
import { kindOf } from './columns.ts'
import { invalidQuery } from './invalid.ts'
import { partsOf, shown } from './parts.ts'

/** One checked bound of what groups are kept. */
export interface PlannedBound {
  of: 'count' | PlannedAggregate
  operator: 'eq' | 'gt' | 'gte' | 'lt' | 'lte'
  /** A decimal without an exponent. */
  value: string
}

const operators: readonly string[] = ['eq', 'gt', 'gte', 'lt', 'lte'] satisfies PlannedBound['operator'][]

/** @throws QUERY_INVALID */
export function havingOf(
  having: unknown,
  { isGrouped, aggregates }: { isGrouped: boolean; aggregates: readonly PlannedAggregate[] },
): PlannedBound[] {
  if (having === undefined) return []
  if (!isGrouped) throw invalidQuery('`having` chooses groups; give the summary a `group`, or leave it out')
  return membersOf('`having`', having).flatMap(([name, bounds]) => {
    const of = numberNamed(name, aggregates)
    return membersOf(`\`having\` of ${shown(name)}`, bounds).map(([operator, value]) => ({
      of,
      ...boundOf(name, operator, value),
    }))
  })
}

function membersOf(what: string, given: unknown): [string, unknown][] {
  const members = Object.entries(partsOf(what, given))
  if (members.length > 0) return members
  throw invalidQuery(`${what} is empty; give it a bound, or leave it out`)
}

function numberNamed(name: string, aggregates: readonly PlannedAggregate[]): PlannedBound['of'] {
  const of = name === 'count' ? name : aggregates.find((one) => one.name === name)
  if (of === 'count' || (of && isNumeric(of))) return of
  if (of)
    throw invalidQuery(
      `\`having\` compares numbers, and ${shown(name)} is the ${of.function} of ${of.column.name} (${of.column.encoding.pgType}); use \`where\``,
    )
  const names = ['count', ...aggregates.filter(isNumeric).map((one) => one.name)]
  throw invalidQuery(`\`having\` takes ${names.join(', ')}, and no ${shown(name)}`)
}

const isNumeric = ({ function: used, column }: PlannedAggregate): boolean =>
  (used !== 'min' && used !== 'max') || ['number', 'decimal'].includes(kindOf(column))

function boundOf(name: string, operator: string, value: unknown): Pick<PlannedBound, 'operator' | 'value'> {
  if (!operators.includes(operator))
    throw invalidQuery(`\`having\` of ${shown(name)} takes ${operators.join(', ')}, and no ${shown(operator)}`)
  const text = typeof value === 'number' && Number.isFinite(value) ? plainDecimal(value) : value
  if (typeof text !== 'string' || !/^-?\d{1,300}(\.\d{1,300})?$/.test(text))
    throw invalidQuery(`\`having\` of ${shown(name)} takes numbers, not ${shown(value)}`)
  return { operator: operator as PlannedBound['operator'], value: text }
}
