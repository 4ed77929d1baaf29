import type { Column, Definition } from '../definition.ts'
import { textFault } from '../encoding/text.ts'
import type { Value } from '../encoding.ts'
import { isTrifoldError } from '../errors.ts'
import { type ColumnKind, columnNamed, groupedColumn, kindOf } from './columns.ts'
import { isDay, startOfDay } from './day.ts'
import { invalidQuery } from './invalid.ts'
import { insteadOf } from './nearest.ts'
import { type Parts, partsOf, shown } from './parts.ts'

/** How a value is compared with that of a column. */
export type Comparison = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte'

/** One checked condition; values are canonical. An array has a value if it has an element. */
export type ColumnCondition = { column: Column } & (
  | { operator: 'null' | 'notNull' }
  | { operator: Comparison | 'has'; value: Value }
  | { operator: 'prefix'; value: string }
  | { operator: 'in'; values: Value[] }
)

const ranges = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'exists']
const operators: Record<ColumnKind, readonly string[]> = {
  text: ranges,
  number: ranges,
  decimal: ranges,
  time: ranges,
  boolean: ['eq', 'ne', 'in', 'exists'],
  array: ['has', 'exists'],
  json: ['exists'],
}

/** The operators that a column takes. */
export const operatorsOf = (column: Column): readonly string[] =>
  column.encoding.pgType === 'text' ? [...ranges, 'prefix'] : operators[kindOf(column)]

/** Most values of one `in`: what an index takes in one condition (`index.max_terms_count`). */
const mostValues = 65_536

/** Longest `prefix`, in characters: an index holds less than the whole of a long text in order. */
const longestPrefix = 1_000

/**
 * Checks the conditions on one column against the definition and brings their values into the canonical form.
 *
 * @param asked as it came
 * @throws QUERY_INVALID naming the column, and what it would take
 */
export function columnConditions(definition: Definition, name: string, asked: unknown): ColumnCondition[] {
  const column = columnNamed(definition, name)
  return Object.entries(boundsOf(column, asked)).map(([operator, value]) =>
    conditionOf(definition, column, operator, value),
  )
}

function boundsOf(column: Column, asked: unknown): Parts {
  if (asked === null || typeof asked !== 'object' || asked instanceof Date || Array.isArray(asked)) return { eq: asked }
  const bounds = partsOf(`the condition on ${column.name}`, asked)
  if (Object.keys(bounds).length > 0) return bounds
  throw invalidQuery(`the condition on ${column.name} is empty; ${takes(column)}`, { column: column.name })
}

function conditionOf(definition: Definition, column: Column, operator: string, value: unknown): ColumnCondition {
  if (!operatorsOf(column).includes(operator)) {
    const fault = `${column.name} (${column.encoding.pgType}) does not take \`${operator.slice(0, 60)}\``
    throw invalidQuery(`${fault}; ${takes(column, operator)}`, { column: column.name })
  }
  // A value that got lost must not widen the result to everybody's rows.
  if (value === undefined) {
    throw invalidQuery(`\`${operator}\` of ${column.name} is undefined; leave it out, or say null for rows without one`)
  }
  if (value === null && operator === 'eq') return { column, operator: 'null' }
  if (value === null && operator === 'ne') return { column, operator: 'notNull' }
  if (operator === 'exists') return { column, operator: existing(column, value) ? 'notNull' : 'null' }
  if (operator === 'in') return { column, operator, values: listOf(column, value) }
  if (operator === 'prefix') return { column, operator, value: prefixOf(column, value) }
  if (operator === 'has') return { column, operator, value: elementOf(column, value) }
  const asked = isDay(value) && isRange(operator) ? beginOf(value, definition, column) : value
  return { column, operator: operator as Comparison, value: canonicalValue(column, asked) }
}

const isRange = (operator: string): boolean => operator !== 'eq' && operator !== 'ne'

/** A bound of a column of instants may be a day: then its first instant is meant. What is no day is refused later. */
function beginOf(day: string, { timeZone }: Definition, { encoding: { pgType } }: Column): string {
  if (pgType === 'timestamp') return `${day}T00:00:00`
  return pgType === 'timestamptz' ? startOfDay(day, timeZone) : day
}

function existing({ name }: Column, asked: unknown): boolean {
  if (typeof asked === 'boolean') return asked
  throw invalidQuery(`\`exists\` of ${name} takes true or false, not ${shown(asked)}`, { column: name })
}

function prefixOf({ name }: Column, asked: unknown): string {
  const fault = typeof asked === 'string' ? (textFault(asked) ?? tooLong(asked)) : 'text'
  if (fault === undefined) return asked as string
  throw invalidQuery(`\`prefix\` of ${name} takes ${fault}, not ${shown(asked)}`, { column: name })
}

const tooLong = (prefix: string): string | undefined =>
  prefix.length > longestPrefix ? `at most ${longestPrefix} characters` : undefined

function listOf(column: Column, value: unknown): Value[] {
  if (!Array.isArray(value)) {
    throw invalidQuery(`\`in\` of ${column.name} is not an array; give it a list of values`, { column: column.name })
  }
  if (value.length <= mostValues) return Array.from(value, (item) => canonicalValue(column, item))
  const fault = `\`in\` of ${column.name} has ${value.length} values; it takes at most ${mostValues}`
  throw invalidQuery(`${fault}: ask in parts`, { column: column.name })
}

const elementOf = (column: Column, value: unknown): Value => canonicalValue(groupedColumn(column), value)

/** A value in the canonical form of its column. @throws QUERY_INVALID */
export function canonicalValue(column: Column, value: unknown): Value {
  if (value === null) {
    throw invalidQuery(`null cannot be compared with ${column.name}; use exists: false or exists: true`, {
      column: column.name,
    })
  }
  try {
    return column.encoding.canonical(value)
  } catch (cause) {
    const reason = isTrifoldError(cause, 'VALUE_INVALID') ? cause.message : `${shown(value)} cannot be read`
    const advice = isDay(value) ? '; a day is { gte: the day, lt: the day after }' : ''
    throw invalidQuery(`the value for ${column.name} does not fit: ${reason}${advice}`, { column: column.name }, cause)
  }
}

/** What may be asked of the column, behind what may have been meant by an operator that it does not take. */
const takes = (column: Column, instead = ''): string => insteadOf(instead, operatorsOf(column), 'it takes')
