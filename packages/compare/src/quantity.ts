/** A figure as people read it: three significant digits and a unit that keeps them few. */
export interface Quantity {
  digits: string
  unit: string
}

type Scale = readonly (readonly [from: number, divisor: number, unit: string])[]

const scales = {
  ms: [
    [600_000, 60_000, 'min'],
    [1_000, 1_000, 's'],
    [0, 1, 'ms'],
  ],
  bytes: [
    [1e12, 1e12, 'TB'],
    [1e9, 1e9, 'GB'],
    [1e6, 1e6, 'MB'],
    [1e3, 1e3, 'kB'],
    [0, 1, 'B'],
  ],
} as const satisfies Record<string, Scale>

/**
 * What is shown: times, bytes, whole numbers of something, a plain number of three digits (`rate`), or one of two decimals
 * (`exponent`).
 */
export type Unit = 'ms' | 'bytes' | 'rows' | 'events' | 'count' | 'rate' | 'exponent'

/** `0.31 ms`, `15.2 s`, `41.3 MB`; what is counted is a whole number with thousands apart. */
export function quantity(value: number, unit: Unit): Quantity {
  if (unit === 'exponent') return { digits: twoDecimals(value), unit: '' }
  if (unit === 'rate') return { digits: threeDigits(value), unit: '' }
  if (unit !== 'ms' && unit !== 'bytes') return { digits: wholeNumber(value), unit: unit === 'count' ? '' : unit }
  const scale: Scale = scales[unit]
  const [, divisor, shownUnit] = scale.find(([from]) => Math.abs(value) >= from)!
  return { digits: threeDigits(value / divisor), unit: shownUnit }
}

export function inWords(value: number, unit: Unit): string {
  const { digits, unit: shownUnit } = quantity(value, unit)
  return shownUnit === '' ? digits : `${digits} ${shownUnit}`
}

/** `1,234`, `12.3`, `0.0123`. */
export function threeDigits(value: number): string {
  if (Math.abs(value) >= 100) return wholeNumber(value)
  return value === 0 ? '0' : value.toLocaleString('en', { minimumSignificantDigits: 3, maximumSignificantDigits: 3 })
}

const wholeNumber = (value: number): string => Math.round(value).toLocaleString('en')

/** Never minus zero. */
const twoDecimals = (value: number): string => (Number(value.toFixed(2)) + 0).toFixed(2).replace('-', '−')
