import type { Row, Value } from '../../encoding.ts'
import type { TrifoldError } from '../../errors.ts'
import { isCutInLowerCase } from '../letter-case.ts'
import type { OrderColumn } from '../order.ts'
import type { FindPlan } from '../plan.ts'
import { unsupported } from '../unsupported.ts'
import type { ReadIndex } from './ask.ts'

/**
 * Texts of more than 32,000 bytes that begin alike are ordered by their hashes in an index. They come side by side, so
 * the true texts show whether that is their order. Of a text in lower case an index has no more than the beginning: one
 * that is longer is refused even alone.
 *
 * @param rows of one page and the first of the next, in canonical form
 * @throws QUERY_UNSUPPORTED if it is not
 */
export function refuseUntoldOrder(source: ReadIndex, { order, after }: FindPlan, rows: readonly Row[]): void {
  const texts = order.columns.filter(({ column }) => column.encoding.term)
  if (order.relevance || texts.length === 0) return
  const valuesOf = (row: Row) => order.columns.map(({ column }) => row[column.name] as Value)
  const found = after ? [after, ...rows.map(valuesOf)] : rows.map(valuesOf)
  for (let next = 1; next < found.length; next++) {
    const turned = turnedColumn(order.columns, found[next - 1] as Value[], found[next] as Value[])
    if (turned) throw untold(source, turned.column.name)
  }
  const cut = order.columns.find(
    ({ ignoringCase }, place) => ignoringCase && found.some((values) => isCutInLowerCase(String(values[place] ?? ''))),
  )
  if (cut)
    throw unsupported(
      source,
      `cannot order texts of ${cut.column.name} of more than 8,000 characters ignoring case`,
      'sort by another column',
    )
}

/** The column that tells two rows apart, if it is a long text that puts them in the wrong order. */
function turnedColumn(
  columns: readonly OrderColumn[],
  first: readonly Value[],
  second: readonly Value[],
): OrderColumn | undefined {
  const place = first.findIndex((value, at) => value !== second[at])
  const column = columns[place]
  if (!column || !isCut(column, first[place] as Value) || !isCut(column, second[place] as Value)) return undefined
  const order = Buffer.compare(Buffer.from(first[place] as string), Buffer.from(second[place] as string))
  return order > 0 === column.descending ? undefined : column
}

const isCut = ({ column }: OrderColumn, value: Value): boolean =>
  typeof value === 'string' && column.encoding.term !== undefined && column.encoding.term(value) !== value

const untold = (source: ReadIndex, name: string): TrifoldError =>
  unsupported(
    source,
    `cannot order texts of ${name} that are alike in their first 32,000 bytes`,
    'sort by another column',
  )
