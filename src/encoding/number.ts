import type { Encoding, Value } from '../encoding.ts'
import { invalid } from './invalid.ts'

const same = (value: Value): string => String(value)

/** Whole numbers of a range. @param mapping the type of the field in an index */
export function integer(
  pgType: string,
  mapping: string,
  smallest: number,
  largest: number,
  advice: string = `from ${smallest} to ${largest} (${pgType})`,
): Encoding {
  const canonical = (value: unknown) => {
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
    const whole = typeof number === 'bigint' ? Number(number) : number
    if (typeof whole !== 'number' || !Number.isInteger(whole)) throw invalid(`a whole number (${pgType})`, value)
    if (whole < smallest || whole > largest) throw invalid(`a whole number ${advice}`, value)
    return whole + 0 // -0 is 0
  }
  return { pgType, tsType: 'number', mapping: { type: mapping }, decode: canonical, canonical, text: same }
}

const largest = Number.MAX_SAFE_INTEGER

/** A `bigint` within what a JavaScript number holds exactly. */
export const bigint: Encoding = {
  ...integer(
    'bigint',
    'long',
    -largest,
    largest,
    'that JavaScript holds exactly (-(2^53 - 1) to 2^53 - 1); cast the column to text or numeric in the definition',
  ),
  suspectSql: (column) => `${column} not between -${largest} and ${largest}`,
}

const positiveZero = (value: Value): Value => (value as number) + 0

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/**
 * Floating-point numbers that are finite. Minus zero keeps its sign where it is stored, and equals zero where rows are
 * compared.
 */
function float(pgType: string, mapping: string, exact: (number: number, value: unknown) => number): Encoding {
  const canonical = (value: unknown) => {
    const number = typeof value === 'string' && decimal.test(value) ? Number(value) : value
    if (typeof number !== 'number' || !Number.isFinite(number)) throw invalid('a finite number', value)
    if (number === 0 && typeof value === 'string' && /[1-9]/.test(value.replace(/e.*$/i, '')))
      throw invalid(`a number that ${pgType} tells from zero`, value)
    return exact(number, value)
  }
  return {
    pgType,
    tsType: 'number',
    mapping: { type: mapping },
    decode: canonical,
    canonical,
    text: (value) => (Object.is(value, -0) ? '-0' : String(value)),
    representative: positiveZero,
    term: positiveZero,
    suspectSql: (column) => `${column} in ('NaN', 'Infinity', '-Infinity')`,
  }
}

export const double = float('double precision', 'double', (number) => number)

const written = float('real', 'float', (number, value) => {
  const single = Math.fround(number)
  const shortest = Object.is(number, -0) ? number : shortestSingle(single)
  if (Number.isFinite(single) && (shortest === number || single === number)) return shortest
  throw invalid('a number of single precision (real)', value)
})

/** What PostgreSQL has written is the shortest form already. */
export const real: Encoding = { ...written, decode: double.decode }

/**
 * The shortest decimal number that is this single-precision value, as PostgreSQL writes a `real`: of two that are as short
 * the closer one, of two that are as close the one whose last digit is even; none that is halfway to the next value
 * (Adams, "Ryū: fast float-to-string conversion").
 */
export function shortestSingle(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value
  const size = Math.abs(value)
  const [mantissa = '', exponent] = size.toExponential(100).split('e')
  const digits = mantissa.replace('.', '')
  for (let length = 1; length < 9; length++) {
    const lower = BigInt(digits.slice(0, length))
    const scale = Number(exponent) - length + 1
    const found = closest(size, digits.slice(length), lower, scale)
    if (found !== undefined) return Math.sign(value) * found
  }
  return Number(value.toPrecision(9))
}

/** Of two neighbouring decimals the one that is the value, if one is. @param rest the digits behind those of `lower` */
function closest(size: number, rest: string, lower: bigint, scale: number): number | undefined {
  const [below, above] = [Number(`${lower}e${scale}`), Number(`${lower + 1n}e${scale}`)]
  const half = '5'.padEnd(rest.length, '0')
  const isBelow = rest === half ? lower % 2n === 0n : rest < half
  return (isBelow ? [below, above] : [above, below]).find((decimal) => isSingle(decimal, size))
}

const isSingle = (decimal: number, size: number): boolean =>
  Math.fround(decimal) === size &&
  decimal !== (size + neighbour(size, 1)) / 2 &&
  decimal !== (size + neighbour(size, -1)) / 2

function neighbour(size: number, step: 1 | -1): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, size)
  view.setUint32(0, view.getUint32(0) + step)
  return view.getFloat32(0)
}
