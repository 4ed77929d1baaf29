import type { Encoding, Value } from '../encoding.ts'
import { isExactNumber, plainDecimal } from './decimal.ts'
import { invalid } from './invalid.ts'
import { jsonFault } from './json-fault.ts'

const longNumber = /[\d.]{16}/
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?/g

/**
 * A jsonb travels as the text that PostgreSQL gives it, so that no number loses its digits and no null its kind; the
 * application gets it parsed. Refused is what JavaScript would show with another value.
 */
export const jsonb: Encoding = {
  pgType: 'jsonb',
  tsType: 'unknown',
  mapping: { type: 'object', enabled: false },
  decode(text) {
    const inexact = longNumber.test(text)
      ? text.match(stringOrNumber)?.find((token) => !token.startsWith('"') && !isExactNumber(token))
      : undefined
    if (inexact === undefined) return text
    throw invalid('a number that JavaScript holds exactly; cast the column to text in the definition', Number(inexact))
  },
  canonical(value) {
    const found = jsonFault(value)
    if (found) throw invalid(`JSON that can be stored (${found.path || 'the value'}: ${found.fault})`, value)
    return jsonbText(JSON.parse(JSON.stringify(value)))
  },
  text: (value) => value as string,
  read: (value) => JSON.parse(value as string),
  suspectSql: (column) => `${column}::text ~ '[0-9.]{16}'`,
}

/** As PostgreSQL writes a jsonb: shorter keys first, those of one length in order of their bytes. */
function jsonbText(value: Value): string {
  if (typeof value === 'number') return plainDecimal(value)
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => jsonbText(item)).join(', ')}]`
  const entries = Object.entries(value).map(([key, item]) => ({ key, bytes: Buffer.from(key), item }))
  entries.sort((a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes))
  return `{${entries.map(({ key, item }) => `${JSON.stringify(key)}: ${jsonbText(item)}`).join(', ')}}`
}
