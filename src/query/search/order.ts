import type { Value } from '../../encoding.ts'
import type { Order, OrderColumn } from '../order.ts'

/** The engine's `sort`. */
export function sortClauses({ relevance, columns }: Order): object[] {
  const sorts = columns.flatMap((one) => clausesOf(one).map((clause) => ({ [one.column.name]: clause })))
  return relevance ? [{ _score: { order: 'desc' } }, ...sorts] : sorts
}

/**
 * The engine's `search_after`, as JSON text, because some of its numbers are larger than JavaScript's: the canonical
 * values where the page before ended, and for a missing one what the engine puts in its place.
 */
export function searchAfterJson({ relevance, columns }: Order, after: readonly Value[]): string {
  const score = relevance ? [JSON.stringify(after[0])] : []
  const values = columns.flatMap((one, place) => valuesOf(one, after[place + score.length] ?? null))
  return `[${[...score, ...values].join(',')}]`
}

interface SortClause {
  order: 'asc' | 'desc'
  missing: '_last' | 0
  numeric_type?: 'long'
}

// OpenSearch puts the lowest long in the place of a missing time to sort it last in descending order. That is before
// 1970, which `date_nanos` cannot show: where a page ends with it the search never answers (ran on 3.8.0; Elasticsearch
// issue 73763). So 1970 takes its place, and a second clause puts rows of exactly that time before those without one.
function clausesOf(one: OrderColumn): SortClause[] {
  const order = one.descending ? 'desc' : 'asc'
  if (isDescendingInstant(one)) {
    const clause: SortClause = { order, missing: 0 }
    return one.column.notNull ? [clause] : [clause, { order: 'asc', missing: '_last' }]
  }
  // Among integers the largest one could not be told from a missing value.
  const whole = ['integer', 'short', 'long'].includes(typeOf(one))
  return [whole ? { order, missing: '_last', numeric_type: 'long' } : { order, missing: '_last' }]
}

function valuesOf(one: OrderColumn, value: Value): string[] {
  const clauses = clausesOf(one)
  if (value === null) return clauses.map((clause) => missingJson(typeOf(one), clause))
  return clauses.map(() => (typeOf(one) === 'boolean' ? String(Number(value)) : JSON.stringify(value)))
}

function missingJson(type: string, { order, missing }: SortClause): string {
  if (missing === 0) return '0'
  if (type === 'keyword') return 'null'
  if (type === 'double' || type === 'float') return order === 'desc' ? '"-Infinity"' : '"Infinity"'
  if (type === 'boolean') return order === 'desc' ? '-2147483648' : '2147483647'
  return order === 'desc' ? '-9223372036854775808' : '9223372036854775807'
}

const isDescendingInstant = (one: OrderColumn): boolean => one.descending && typeOf(one) === 'date_nanos'

const typeOf = ({ column }: OrderColumn): string => column.encoding.mapping.type as string
