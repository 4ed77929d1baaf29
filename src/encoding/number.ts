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
  refusedSql: (column) => `${column} not between -${largest} and ${largest}`,
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
    refusedSql: (column) => `${column} in ('NaN', 'Infinity', '-Infinity')`,
  }
}

export const double = float('double precision', 'double', (number) => number)

export const real = float('real', 'float', (number, value) => {
  const single = Math.fround(number)
  const shortest = Object.is(number, -0) ? number : shortestSingle(single)
  if (Number.isFinite(single) && (shortest === number || single === number)) return shortest
  throw invalid('a number of single precision (real)', value)
})

/** The shortest decimal number that is this single-precision value, as PostgreSQL writes a `real`. */
export function shortestSingle(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits))
    if (Math.fround(candidate) === value) return candidate
  }
  return Number(value.toPrecision(9))
}
