import type { Column } from '../definition.ts'
import type { Encoding, Row, Value } from '../encoding.ts'

const quotedInRow = /^$|["\\(),\s]/
const quotedInArray = /^$|^null$|["\\{},\s]/i
const instant = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.(\d{6})(Z?)$/

/**
 * A row's columns as `row(...)::text` of PostgreSQL writes them. Where it writes a value in another way (a small floating-point
 * number, a year before the first) the texts differ, and the values have to be compared.
 */
export const rowText = (columns: readonly Column[], row: Row): string =>
  `(${columns.map(({ name, encoding }) => partText(storedText(encoding, row[name] ?? null))).join(',')})`

/** As a part of a row a value that is missing is empty. */
const partText = (text: string | null): string =>
  text === null ? '' : quotedInRow.test(text) ? `"${text.replaceAll(/["\\]/g, '$&$&')}"` : text

const itemText = (text: string | null): string =>
  text === null ? 'NULL' : quotedInArray.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : text

function storedText(encoding: Encoding, value: Value): string | null {
  if (value === null) return null
  if (typeof value === 'boolean') return value ? 't' : 'f'
  const { element, pgType } = encoding
  if (element && Array.isArray(value)) return `{${value.map((item) => itemText(storedText(element, item))).join(',')}}`
  if (typeof value !== 'string') return encoding.text(value)
  return pgType.startsWith('timestamp') ? instantText(value) : value
}

/** The canonical `2026-01-02T03:04:05.600000Z` is `2026-01-02 03:04:05.6+00` in PostgreSQL. */
function instantText(value: string): string {
  const [, day, time, fraction, zone] = instant.exec(value) ?? []
  if (!fraction) return value
  let digits = fraction.length
  while (digits > 0 && fraction[digits - 1] === '0') digits -= 1
  return `${day} ${time}${digits > 0 ? `.${fraction.slice(0, digits)}` : ''}${zone ? '+00' : ''}`
}
