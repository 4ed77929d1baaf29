import type { Column, Definition } from '../definition.ts'
import { invalidQuery, orderedColumnNamed } from './columns.ts'
import type { ColumnCondition } from './conditions.ts'
import type { Find } from './request.ts'

/** One column of an order. Rows without a value come last in both directions. */
export interface OrderColumn {
  column: Column
  descending: boolean
}

/** A total order: no two rows are equal in it, so that a page ends between two rows. */
export interface Order {
  /** Whether the score of the full text comes first, best first. */
  relevance: boolean
  /** Ends with the key. */
  columns: OrderColumn[]
}

/**
 * The order that a request asks for. The key is added in the direction of the last term: then an index that ends with
 * the key serves the order as it is, and the opposite order when it is read backwards.
 *
 * @throws QUERY_INVALID
 */
export function orderOf(definition: Definition, request: Find, conditions: readonly ColumnCondition[]): Order {
  const terms = request.sort === undefined ? [] : [request.sort].flat()
  const asked = terms.map((term) => orderColumnOf(definition, term))
  const twice = asked.find(({ column }, place) => asked.findIndex((one) => one.column === column) !== place)
  if (twice) throw invalidQuery(`\`sort\` names ${twice.column.name} twice; keep one of them`)
  return {
    relevance: request.text !== undefined && asked.length === 0,
    columns: withKey(definition, withoutFixed(definition, asked, conditions), asked.at(-1)?.descending),
  }
}

function orderColumnOf(definition: Definition, term: string): OrderColumn {
  const descending = term.startsWith('-')
  return { column: orderedColumnNamed(definition, descending ? term.slice(1) : term), descending }
}

/** A column that equality holds fixed orders nothing; without it the rest is a plain range of an index. */
function withoutFixed(
  definition: Definition,
  columns: readonly OrderColumn[],
  conditions: readonly ColumnCondition[],
): OrderColumn[] {
  const fixed = conditions.filter(({ operator }) => operator === 'eq' || operator === 'null')
  return columns.filter(
    ({ column }) => definition.key.includes(column) || !fixed.some((condition) => condition.column === column),
  )
}

/** Adds the key columns that are not there yet; by default in the direction of the last column. */
export function withKey(
  definition: Definition,
  columns: readonly OrderColumn[],
  descending = columns.at(-1)?.descending ?? false,
): OrderColumn[] {
  const missing = definition.key.filter((key) => !columns.some(({ column }) => column.name === key.name))
  return [...columns, ...missing.map((column) => ({ column, descending }))]
}
