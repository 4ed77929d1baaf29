import type { Encoding, Value } from '../encoding.ts'

const quotedInArray = /^$|^null$|["\\{},\s]/i
const instant = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.(\d{6})(Z?)$/
const clock = /^\d\d:\d\d:\d\d\.\d{6}$/

/**
 * A canonical value as PostgreSQL writes it. A few it writes in another way: a small floating-point number, a year before
 * the first.
 */
export function storedText(encoding: Encoding, value: Value): string | null {
  if (value === null) return null
  if (typeof value === 'boolean') return value ? 't' : 'f'
  const { element, pgType } = encoding
  if (element && Array.isArray(value)) return `{${value.map((item) => itemText(storedText(element, item))).join(',')}}`
  if (typeof value !== 'string') return encoding.text(value)
  if (pgType.startsWith('timestamp')) return instantText(value)
  return pgType === 'time' && clock.test(value) ? withoutZeros(value) : value
}

const itemText = (text: string | null): string =>
  text === null ? 'NULL' : quotedInArray.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : text

/** The canonical `2026-01-02T03:04:05.600000Z` is `2026-01-02 03:04:05.6+00` in PostgreSQL. */
function instantText(value: string): string {
  const [, day, time, fraction, zone] = instant.exec(value) ?? []
  return fraction ? `${day} ${withoutZeros(`${time}.${fraction}`)}${zone ? '+00' : ''}` : value
}

function withoutZeros(time: string): string {
  let end = time.length
  while (time[end - 1] === '0') end -= 1
  return time.slice(0, time[end - 1] === '.' ? end - 1 : end)
}
