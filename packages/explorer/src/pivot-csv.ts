import { csvLine } from 'trifold/internal/export/csv'
import { dimensionLabel, groupText, measureLabel } from './pivot-text.ts'
import type { Amount, Pivot } from './reading/pivot.ts'

type Cell = Parameters<typeof csvLine>[0][number]

const text = (value: string): Cell => ({ value, isText: true })
const number = (value: Amount | undefined): Cell => ({
  value: value ?? null,
  isText: typeof value === 'string' && !isDecimal(value),
})
const isDecimal = (value: string): boolean => /^-?\d/.test(value) && Number.isFinite(Number(value))

/** The table of groups as it is on the page, its names and all, with numbers that are not shortened. */
export function pivotCsv({ dimensions, measure, rows, columns, cells, whole }: Pivot): string {
  const [first, second] = dimensions
  const hasCount = measure !== undefined && !second
  const header = [
    text(first ? dimensionLabel(first) : ''),
    ...columns.map((column) => text(second ? groupText(column, second) : '')),
    text(second ? 'All' : measureLabel(measure)),
    ...(hasCount ? [text('Rows')] : []),
  ]
  const lines = rows.map((row, place) => [
    text(first ? groupText(row, first) : ''),
    ...columns.map((_, at) => number(cells[place]?.[at])),
    number(row.amount),
    ...(hasCount ? [number(row.count)] : []),
  ])
  const all = [
    text('All rows'),
    ...columns.map(({ amount }) => number(amount)),
    number(whole.amount),
    ...(hasCount ? [number(whole.count)] : []),
  ]
  return [header, ...lines, all].map(csvLine).join('')
}
