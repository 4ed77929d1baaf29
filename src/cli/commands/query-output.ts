import type { Column } from '../../definition.ts'
import type { Row, Value } from '../../encoding.ts'
import { inSeconds, inThousands } from '../../operator/figures.ts'
import { kindOf } from '../../query/columns.ts'
import type { Age, Found } from '../../query/request.ts'
import type { Suggestions } from '../../query/suggest.ts'
import { type Console, printJson } from '../console.ts'
import { type Alignment, tableText } from '../table.ts'

const longestCell = 50

/** What would move the cursor of a terminal, or turn the direction of its text. */
const control = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** The rows as a table; a missing value is a dash. */
export const pageText = (columns: readonly Column[], rows: readonly Row[]): string =>
  tableText(columns.map(alignmentOf), [
    columns.map(({ name }) => shown(name)),
    ...rows.map((row) => columns.map(({ name }) => cellOf(row[name] ?? null))),
  ])

const alignmentOf = (column: Column): Alignment => (['number', 'decimal'].includes(kindOf(column)) ? 'right' : 'left')

/** A value in a cell of a table. */
export function cellOf(value: Value): string {
  if (value === null) return '-'
  return shown(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

/** Text without what would confuse a terminal, and not too long. */
export function shown(text: string): string {
  const characters = [...text.slice(0, 2 * longestCell + 2)]
  const cut = characters.length > longestCell ? `${characters.slice(0, longestCell - 1).join('')}…` : text
  return cut.replaceAll(control, (one) => `\\u${(one.codePointAt(0) as number).toString(16).padStart(4, '0')}`)
}

/** Where the rows come from, how old they are, and how to go on. */
export function pageNote({ rows, target, cursor, degraded, didYouMean, ...age }: Found): string {
  const count = `${rowsOf(rows.length)} of ${target}`
  const next = cursor === undefined ? '' : `; more with --cursor ${cursor}`
  const meant = didYouMean ? `; did you mean ${shown(didYouMean.text)}? ${rowsOf(didYouMean.count)}` : ''
  return `${count}${ageNote(age)}${degraded ? '; some may lack a parked event' : ''}${next}${meant}`
}

/** ` as of 2026-11-30T09:14:26.123Z, 1.8 s behind`; nothing if that is not known. */
export const ageNote = ({ asOf, lag }: Age): string =>
  asOf === undefined || lag === undefined ? '' : ` as of ${asOf}, ${lag === 0 ? 'nothing' : inSeconds(lag)} behind`

const rowsOf = (count: number): string => `${inThousands(count)} ${count === 1 ? 'row' : 'rows'}`

/** Suggestions as a table with their rows, or as JSON. */
export function printSuggestions({ stdout, stderr }: Console, found: Suggestions, isJson: boolean): void {
  if (isJson) {
    printJson(stdout, found)
    return
  }
  const { suggestions, target } = found
  const lines = suggestions.map(({ text, count }) => [shown(text), inThousands(count)])
  if (lines.length > 0) stdout.write(`${tableText(['left', 'right'], [['text', 'rows'], ...lines])}\n`)
  const count = `${lines.length} ${lines.length === 1 ? 'suggestion' : 'suggestions'} of ${target}`
  stderr.write(`${count}${ageNote(found)}\n`)
}
