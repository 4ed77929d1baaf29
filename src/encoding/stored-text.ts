import type { Encoding, Value } from '../encoding.ts'
import { plainDecimal } from './decimal.ts'

const quotedInArray = /^$|^null$|["\\{},\s]/i
const instant = /^(\d{4,6}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.(\d{6})(Z?)( BC)?$/
const clock = /^\d\d:\d\d:\d\d\.\d{6}$/

/** A canonical value as PostgreSQL writes it. */
export function storedText(encoding: Encoding, value: Value): string | null {
  if (value === null) return null
  if (typeof value === 'boolean') return value ? 't' : 'f'
  const { element, pgType } = encoding
  if (element && Array.isArray(value)) return `{${value.map((item) => itemText(storedText(element, item))).join(',')}}`
  if (typeof value === 'number') return numberText(pgType, value)
  if (typeof value !== 'string') return encoding.text(value)
  if (pgType.startsWith('timestamp')) return instantText(value)
  return pgType === 'time' && clock.test(value) ? withoutZeros(value) : value
}

const itemText = (text: string | null): string =>
  text === null ? 'NULL' : quotedInArray.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : text

/** The canonical `2026-01-02T03:04:05.600000Z` is `2026-01-02 03:04:05.6+00` in PostgreSQL. */
function instantText(value: string): string {
  const [, day, time, fraction, zone, era = ''] = instant.exec(value) ?? []
  return fraction ? `${day} ${withoutZeros(`${time}.${fraction}`)}${zone ? '+00' : ''}${era}` : value
}

/** From which exponent on PostgreSQL writes a floating-point number with it; below -4 it always does. */
const firstExponent: Record<string, number> = { 'double precision': 15, real: 6 }

function numberText(pgType: string, value: number): string {
  if (Object.is(value, -0)) return '-0'
  const first = firstExponent[pgType]
  if (first === undefined || value === 0) return String(value)
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  if (Number(exponent) >= -4 && Number(exponent) < first) return plainDecimal(value)
  return `${digits}e${exponent.replace(/^([+-])(\d)$/, '$10$2')}`
}

function withoutZeros(time: string): string {
  let end = time.length
  while (time[end - 1] === '0') end -= 1
  return time.slice(0, time[end - 1] === '.' ? end - 1 : end)
}
