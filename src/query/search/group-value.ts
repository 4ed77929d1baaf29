import type { Column } from '../../definition.ts'
import type { Value } from '../../encoding.ts'

/** The canonical value of a bucket's key. */
export function groupValue(column: Column, bucket: { key: unknown; key_as_string?: string }): Value {
  switch (column.encoding.mapping.type) {
    case 'boolean':
      return bucket.key_as_string === 'true'
    case 'date':
      return column.encoding.canonical(bucket.key_as_string)
    case 'float':
      return column.encoding.canonical(shortestSingle(bucket.key as number))
    case 'double':
      return column.encoding.canonical(typeof bucket.key === 'number' ? plainDecimal(bucket.key) : bucket.key)
    default:
      return column.encoding.canonical(bucket.key)
  }
}

/** The shortest decimal number that is this single-precision value, as PostgreSQL writes a `real`. */
function shortestSingle(value: number): number {
  const lengths = [6, 7, 8]
  const candidates = lengths.map((digits) => Number(value.toPrecision(digits)))
  return candidates.find((candidate) => Math.fround(candidate) === value) ?? Number(value.toPrecision(9))
}

/** A number without an exponent; a fraction has at most 20 decimals. */
export function plainDecimal(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  return Math.abs(value) >= 1e21 ? BigInt(value).toString() : value.toFixed(20)
}
