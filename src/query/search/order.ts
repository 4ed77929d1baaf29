import type { Value } from '../../encoding.ts'
import { lowerCase, lowerCaseScript } from '../letter-case.ts'
import type { Order, OrderColumn } from '../order.ts'
import { queryField, queryType, queryValue } from './fields.ts'

/** The engine's `sort`. */
export function sortClauses({ relevance, columns }: Order): object[] {
  const sorts = columns.flatMap((one) =>
    one.ignoringCase ? lowerCaseClauses(one) : [{ [queryField(one.column)]: clauseOf(one) }],
  )
  return relevance ? [{ _score: { order: 'desc' } }, ...sorts] : sorts
}

/**
 * The engine's `search_after`, as JSON text, because some of its numbers are larger than JavaScript's: the canonical
 * values where the page before ended, and for a missing one what the engine puts in its place.
 */
export function searchAfterJson({ relevance, columns }: Order, after: readonly Value[]): string {
  const score = relevance ? [JSON.stringify(after[0])] : []
  const values = columns.flatMap((one, place) => {
    const value = after[place + score.length] ?? null
    return one.ignoringCase ? lowerCaseJson(value) : [valueJson(one, value)]
  })
  return `[${[...score, ...values].join(',')}]`
}

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

/** A script puts no value in the place of a missing one: whether it is missing is a number in front of the text. */
function lowerCaseClauses({ column, descending, missingFirst }: OrderColumn): object[] {
  const script = (type: string, source: string, order: string) => ({
    _script: { type, order, script: { source, params: { field: queryField(column) } } },
  })
  const isMissing = 'doc[params.field].size() == 0'
  return [
    script('number', `${isMissing} ? 1 : 0`, missingFirst ? 'desc' : 'asc'),
    script('string', `${isMissing} ? '' : ${lowerCaseScript}`, descending ? 'desc' : 'asc'),
  ]
}

const lowerCaseJson = (value: Value): string[] =>
  value === null ? ['1', '""'] : ['0', JSON.stringify(lowerCase(value as string))]

function valueJson({ column, descending, missingFirst = false }: OrderColumn, value: Value): string {
  const type = queryType(column)
  if (value === null) return missingJson(type, descending !== missingFirst)
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
