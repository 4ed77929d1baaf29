import type { Column, Definition } from '../definition.ts'
import type { Value } from '../encoding.ts'
import { isTrifoldError } from '../errors.ts'
import { type ColumnKind, columnNamed, invalidQuery, kindOf } from './columns.ts'
import type { Where } from './request.ts'

export type Comparison = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte'

/** One checked condition; values are canonical. */
export type ColumnCondition = { column: Column } & (
  | { operator: 'null' | 'notNull' }
  | { operator: Comparison | 'has'; value: Value }
  | { operator: 'in'; values: Value[] }
)

const ranges = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in']
const operators: Record<ColumnKind, readonly string[]> = {
  text: ranges,
  number: ranges,
  decimal: ranges,
  time: ranges,
  boolean: ['eq', 'ne', 'in'],
  array: ['has'],
  json: [],
}

/**
 * Checks conditions against the definition and brings their values into the canonical form.
 *
 * @throws QUERY_INVALID naming the column, and what it would take
 */
export function conditionsOf(definition: Definition, where: Where | undefined): ColumnCondition[] {
  return Object.entries(where ?? {}).flatMap(([name, asked]) => {
    const column = columnNamed(definition, name)
    return Object.entries(boundsOf(column, asked)).map(([operator, value]) => conditionOf(column, operator, value))
  })
}

function boundsOf(column: Column, asked: unknown): Record<string, unknown> {
  if (asked === null || typeof asked !== 'object' || asked instanceof Date || Array.isArray(asked)) return { eq: asked }
  if (Object.keys(asked).length === 0) {
    throw invalidQuery(`the condition on ${column.name} is empty; ${takes(column)}`, { column: column.name })
  }
  return asked as Record<string, unknown>
}

function conditionOf(column: Column, operator: string, value: unknown): ColumnCondition {
  if (!operators[kindOf(column)].includes(operator)) {
    throw invalidQuery(`${column.name} (${column.encoding.pgType}) does not take \`${operator}\`; ${takes(column)}`, {
      column: column.name,
    })
  }
  // A value that got lost must not widen the result to everybody's rows.
  if (value === undefined) {
    throw invalidQuery(`\`${operator}\` of ${column.name} is undefined; leave it out, or say null for rows without one`)
  }
  if (value === null && operator === 'eq') return { column, operator: 'null' }
  if (value === null && operator === 'ne') return { column, operator: 'notNull' }
  if (operator === 'in') return { column, operator, values: listOf(column, value) }
  if (operator === 'has') return { column, operator, value: elementOf(column, value) }
  return { column, operator: operator as Comparison, value: canonicalValue(column, value) }
}

function listOf(column: Column, value: unknown): Value[] {
  if (Array.isArray(value)) return value.map((item) => canonicalValue(column, item))
  throw invalidQuery(`\`in\` of ${column.name} is not an array; give it a list of values`, { column: column.name })
}

const elementOf = (column: Column, value: unknown): Value =>
  (canonicalValue(column, value === null ? null : [value]) as Value[])[0] as Value

function canonicalValue(column: Column, value: unknown): Value {
  if (value === null) {
    throw invalidQuery(`null cannot be compared with ${column.name}; use eq: null or ne: null`, { column: column.name })
  }
  try {
    return column.encoding.canonical(value)
  } catch (cause) {
    if (!isTrifoldError(cause, 'VALUE_INVALID')) throw cause
    throw invalidQuery(`the value for ${column.name} does not fit: ${cause.message}`, { column: column.name })
  }
}

function takes(column: Column): string {
  const names = operators[kindOf(column)]
  return names.length === 0 ? 'no condition can be put on it' : `it takes ${names.join(', ')}`
}
