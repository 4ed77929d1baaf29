import type { Column } from '../definition.ts'
import { trimmedDecimal } from '../encoding/decimal.ts'
import type { Value } from '../encoding.ts'
import { kindOf } from './columns.ts'

/** An average has so many decimals more than the numbers: most quotients never end. */
const further = 6

/** The decimals of a column's average; undefined if it is a number of JavaScript. */
export const averageDecimals = (column: Column): number | undefined =>
  kindOf(column) === 'decimal' ? Math.max(column.encoding.scale ?? further, 0) + further : undefined

/** An average in the form in which the requests return it. @param text a decimal, or the text of a number */
export function averageValue(column: Column, text: string): Value {
  if (kindOf(column) !== 'decimal') return Number(text)
  return column.encoding.scale === undefined ? trimmedDecimal(text) : text
}

/** `sum / count` with so many decimals, rounded half away from zero as PostgreSQL does. @param sum a decimal */
export function quotient(sum: string, count: number, decimals: number): string {
  const [whole = '', fraction = ''] = sum.replace('-', '').split('.')
  const dividend = BigInt(whole + fraction.padEnd(decimals, '0'))
  const divisor = BigInt(count)
  const units = String((2n * dividend + divisor) / (2n * divisor)).padStart(decimals + 1, '0')
  const sign = sum.startsWith('-') && /[1-9]/.test(units) ? '-' : ''
  return `${sign}${units.slice(0, -decimals)}.${units.slice(-decimals)}`
}
