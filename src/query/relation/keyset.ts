import type { Value } from '../../encoding.ts'
import { quoteIdent } from '../../sql.ts'
import type { OrderColumn } from '../order.ts'
import { comparedSql } from './indexes.ts'
import type { Parameters } from './parameters.ts'

/**
 * The rows behind a row in an order, as pieces that follow each other: each is a conjunction which an index on the
 * order's columns answers as one range. A single OR would be read from the index's beginning. Where all columns have one
 * direction and at most the first may be null, the first piece is a row comparison.
 *
 * @param after the values of the order's columns in the row where the page before ended
 */
export function piecesAfter(
  order: readonly OrderColumn[],
  after: readonly Value[],
  parameters: Parameters,
): string[][] {
  const [first, ...rest] = order
  if (first === undefined) return []
  const value = after[0] ?? null
  const withoutValue =
    first.column.notNull || first.missingFirst || value === null ? [] : [[`${quoteIdent(first.column.name)} is null`]]
  if (value !== null && isOneRange(order)) return [[rowComparison(order, after, parameters)], ...withoutValue]
  const tied = piecesAfter(rest, after.slice(1), parameters)
  const same = tied.map((piece) => [equality(first, value, parameters), ...piece])
  const beyond = value === null ? withValue(first) : [[rowComparison([first], [value], parameters)]]
  return [...same, ...beyond, ...withoutValue]
}

/** What comes behind the rows without a value. */
const withValue = ({ column, missingFirst }: OrderColumn): string[][] =>
  missingFirst ? [[`${quoteIdent(column.name)} is not null`]] : []

const isOneRange = ([first, ...rest]: readonly OrderColumn[]): boolean =>
  rest.every(({ column, descending }) => descending === first?.descending && column.notNull)

function equality(one: OrderColumn, value: Value, parameters: Parameters): string {
  if (value === null) return `${quoteIdent(one.column.name)} is null`
  return `${comparedSql(one)} = ${comparedSql(one, parameters.value(one.column, value))}`
}

/** Rows without a value compare as unknown, and so are left out. */
function rowComparison(order: readonly OrderColumn[], values: readonly Value[], parameters: Parameters): string {
  const names = order.map((one) => comparedSql(one)).join(', ')
  const bound = order
    .map((one, place) => comparedSql(one, parameters.value(one.column, values[place] ?? null)))
    .join(', ')
  return `(${names}) ${order[0]?.descending ? '<' : '>'} (${bound})`
}
