import type { Value } from '../../encoding.ts'
import { lowerCase } from '../letter-case.ts'
import type { Order, OrderColumn } from '../order.ts'
import { ignoringCaseField, queryField, queryType, queryValue } from './fields.ts'

/** The engine's `sort`. */
export function sortClauses({ relevance, columns }: Order): object[] {
  const sorts = columns.map((one) => ({ [sortField(one)]: clauseOf(one) }))
  return relevance ? [{ _score: { order: 'desc' } }, ...sorts] : sorts
}

/**
 * The engine's `search_after`, as JSON text, because some of its numbers are larger than JavaScript's: the canonical
 * values where the page before ended, and for a missing one what the engine puts in its place.
 */
export function searchAfterJson({ relevance, columns }: Order, after: readonly Value[]): string {
  const score = relevance ? [JSON.stringify(after[0])] : []
  const values = columns.map((one, place) => valueJson(one, after[place + score.length] ?? null))
  return `[${[...score, ...values].join(',')}]`
}

const sortField = ({ column, ignoringCase }: OrderColumn): string =>
  ignoringCase ? `${column.name}.${ignoringCaseField}` : queryField(column)

interface SortClause {
  order: 'asc' | 'desc'
  missing: '_first' | '_last'
  numeric_type?: 'long'
}

function clauseOf(one: OrderColumn): SortClause {
  const order = one.descending ? 'desc' : 'asc'
  // Among integers the largest one could not be told from a missing value.
  const whole = ['integer', 'short', 'long'].includes(queryType(one.column))
  const missing = one.missingFirst ? '_first' : '_last'
  return whole ? { order, missing, numeric_type: 'long' } : { order, missing }
}

function valueJson({ column, descending, ignoringCase, missingFirst = false }: OrderColumn, value: Value): string {
  const type = queryType(column)
  if (value === null) return missingJson(type, descending !== missingFirst)
  if (ignoringCase) return JSON.stringify(lowerCase(value as string))
  const asked = queryValue(column, value)
  if (type === 'boolean') return String(Number(asked))
  return type === 'long' ? String(asked) : JSON.stringify(asked)
}

function missingJson(type: string, isSmallest: boolean): string {
  if (type === 'keyword') return 'null'
  if (type === 'double' || type === 'float') return isSmallest ? '"-Infinity"' : '"Infinity"'
  if (type === 'boolean') return isSmallest ? '-2147483648' : '2147483647'
  return isSmallest ? '-9223372036854775808' : '9223372036854775807'
}
