import type { Column } from '../definition.ts'
import type { Value } from '../encoding.ts'
import { quoteIdent } from '../sql.ts'
import type { Chunk } from './chunk.ts'
import { CsvWriter } from './csv-writer.ts'
import type { RowFormat } from './row-format.ts'

/** What spreadsheets take for the beginning of a formula. */
const formula = /^[=+\-@\t\r]/

const needsQuotes = /^$|[",\r\n]/
const lineEnd = Buffer.from('\r\n')

/**
 * CSV as RFC 4180 describes it, with a header. A missing value is empty, and an empty text `""`, as in `copy` of
 * PostgreSQL; the other values are as PostgreSQL writes them. A text that a spreadsheet would take for a formula gets an
 * apostrophe in front.
 *
 * @param isRaw whether texts stay as they are
 */
export const csvFormat = (columns: readonly Column[], isRaw: boolean): RowFormat => ({
  header: `${columns.map(({ name }) => quoted(isRaw ? name : guarded(name))).join(',')}\r\n`,
  copyOptions: ' (format csv)',
  list: columns.map((column) => (isRaw ? quoteIdent(column.name) : guardedSql(column))).join(', '),
  rows: (chunk) => (row) => writeLine(chunk, row),
  values: (chunk) => new CsvWriter(chunk, columns, isRaw),
})

function writeLine(chunk: Chunk, row: Buffer): void {
  chunk.add(row, 0, row.length - 1)
  chunk.add(lineEnd, 0, lineEnd.length)
}

/** A line of values, of which texts are guarded against formulas. A missing value is empty. */
export const csvLine = (cells: readonly { value: Value; isText: boolean }[]): string =>
  `${cells.map(({ value, isText }) => cellText(value, isText)).join(',')}\r\n`

function cellText(value: Value, isText: boolean): string {
  if (value === null) return ''
  return quoted(isText ? guarded(String(value)) : String(value))
}

const guarded = (text: string): string => (formula.test(text) ? `'${text}` : text)

const quoted = (text: string): string => (needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Most texts are not looked at behind the first comparison: a regular expression takes as long as all the rest. */
function guardedSql({ name, encoding }: Column): string {
  const column = quoteIdent(name)
  if (encoding.pgType !== 'text') return column
  const isFormula = `${column} < 'A' collate "C" and ascii(${column}) in (9, 13, 43, 45, 61, 64)`
  return `case when ${isFormula} then '''' || ${column} else ${column} end`
}
