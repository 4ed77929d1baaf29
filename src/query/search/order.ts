import type { Value } from '../../encoding.ts'
import { kindOf } from '../columns.ts'
import type { Order, OrderColumn } from '../order.ts'

/** The engine's `sort`. */
export function sortClauses({ relevance, columns }: Order): Record<string, unknown>[] {
  const sorts = columns.map((one) => ({ [one.column.name]: sortClause(one) }))
  return relevance ? [{ _score: { order: 'desc' } }, ...sorts] : sorts
}

// Whole numbers are sorted as longs: among integers the largest one could not be told from a missing value.
function sortClause({ column, descending }: OrderColumn): Record<string, unknown> {
  const whole = ['integer', 'short', 'long'].includes(column.encoding.mapping.type as string)
  return {
    order: descending ? 'desc' : 'asc',
    missing: '_last',
    ...(whole ? { numeric_type: 'long' } : {}),
  }
}

/**
 * The engine's `search_after`, as JSON text: the canonical values where the page before ended. A missing value is the
 * last number of the field's kind, which for times is one that a JavaScript number does not hold.
 */
export function searchAfterJson({ relevance, columns }: Order, after: readonly Value[]): string {
  const score = relevance ? [JSON.stringify(after[0])] : []
  const values = columns.map((one, place) => valueJson(one, after[place + score.length] ?? null))
  return `[${[...score, ...values].join(',')}]`
}

function valueJson(one: OrderColumn, value: Value): string {
  if (value === null) return missingJson(one)
  return kindOf(one.column) === 'boolean' ? String(Number(value)) : JSON.stringify(value)
}

function missingJson({ column, descending }: OrderColumn): string {
  switch (column.encoding.mapping.type) {
    case 'keyword':
      return 'null'
    case 'boolean':
      return descending ? '-2147483648' : '2147483647'
    case 'double':
    case 'float':
      return descending ? '"-Infinity"' : '"Infinity"'
    default:
      return descending ? '-9223372036854775808' : '9223372036854775807'
  }
}
