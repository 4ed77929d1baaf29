import type { Encoding, Value } from '../encoding.ts'
import { plainDecimal, trimmedDecimal } from './decimal.ts'
import { invalid } from './invalid.ts'

/** The most digits that `numeric(precision)` can declare; without a declaration more are refused. */
const mostDigits = 1_000

/** A double tells decimals of so many digits apart. */
const digitsOfDouble = 15

/** What `numeric(precision, scale)` declares. */
interface Declared {
  precision: number
  scale: number
}

/**
 * Exact decimals, as text. A declared scale pads them with zeros, as PostgreSQL does; without one the zeros stay as they
 * are given. NaN and infinities are refused.
 *
 * @param modifier as a row description gives it; the scale has eleven bits and a sign
 */
export function numeric(modifier: number): Encoding {
  const declared =
    modifier < 0 ? undefined : { precision: (modifier - 4) >> 16, scale: (((modifier - 4) & 0x7ff) ^ 1024) - 1024 }
  const isExactDouble = declared !== undefined && declared.precision <= digitsOfDouble
  return {
    pgType: 'numeric',
    tsType: 'string',
    mapping: isExactDouble ? { type: 'double' } : { type: 'double', ignore_malformed: true },
    ...(!isExactDouble && {
      exact: {
        mapping: { type: 'keyword' },
        of: sortable,
        from: (key: unknown) => canonicalDecimal(fromSortable(key), declared),
      },
    }),
    ...(declared ? declared : { representative: (value: Value) => trimmedDecimal(value as string) }),
    decode: (text) => (declared ? finite(text) : canonicalDecimal(text, undefined)),
    canonical: (value) => canonicalDecimal(value, declared),
    text: (value) => value as string,
    suspectSql: (column) =>
      declared
        ? `${column} in ('NaN', 'Infinity', '-Infinity')`
        : `(${column} in ('NaN', 'Infinity', '-Infinity') or abs(${column}) >= 1e${mostDigits} or scale(${column}) > ${mostDigits})`,
  }
}

function finite(text: string): string {
  if (/^-?\d/.test(text)) return text
  throw invalid('a finite number', text)
}

const form = /^([+-]?)(\d+)(?:\.(\d*))?$/

function canonicalDecimal(value: unknown, declared: Declared | undefined): string {
  const text = typeof value === 'number' ? plainDecimal(value) : typeof value === 'bigint' ? String(value) : value
  const match = typeof text === 'string' ? form.exec(text.trim()) : null
  if (!match) throw invalid('a decimal number', value)
  const [, sign, digits, given = ''] = match as unknown as [string, string, string, string | undefined]
  const whole = digits.replace(/^0+(?=\d)/, '')
  const fraction = declared ? scaled(whole, given, declared, value) : given
  if (whole.length > mostDigits || fraction.length > mostDigits)
    throw invalid(`a number of at most ${mostDigits} digits on each side of its point`, value)
  const body = fraction === '' ? whole : `${whole}.${fraction}`
  return sign === '-' && /[1-9]/.test(body) ? `-${body}` : body
}

/** The fraction in the declared scale. */
function scaled(whole: string, given: string, { precision, scale }: Declared, value: unknown): string {
  const fraction = given.replace(/0+$/, '')
  const isRounded = fraction.length > Math.max(scale, 0) || (scale < 0 && !/^0*$/.test(whole.slice(scale)))
  if (isRounded)
    throw invalid(scale < 0 ? `a multiple of 1${'0'.repeat(-scale)}` : `a number with ${scale} decimals`, value)
  if (whole !== '0' && whole.length > precision - scale)
    throw invalid(`a number of numeric(${precision},${scale})`, value)
  return fraction.padEnd(Math.max(scale, 0), '0')
}

const zero = 'o'
const bias = 100_000
const afterDigits = '~'

/**
 * A text whose order is that of the numbers: sign, exponent of the first digit, digits. Of negative numbers exponent and
 * digits are turned round, and end with a character behind all digits, so that the longer one comes first.
 */
function sortable(value: Value): string {
  const text = trimmedDecimal(value as string)
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const all = `${whole}${fraction}`
  const leading = all.search(/[1-9]/)
  if (leading < 0) return zero
  const exponent = String(whole.length - leading + bias).padStart(6, '0')
  const body = `${exponent}${all.slice(leading).replace(/0+$/, '')}`
  return text.startsWith('-') ? `n${turned(body)}${afterDigits}` : `p${body}`
}

function fromSortable(key: unknown): string {
  const text = String(key)
  if (text === zero) return '0'
  const body = text.startsWith('n') ? turned(text.slice(1, -1)) : text.slice(1)
  const point = Number(body.slice(0, 6)) - bias
  const digits = body.slice(6)
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits
  return `${text.startsWith('n') ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

const turned = (digits: string): string => digits.replace(/\d/g, (digit) => String(9 - Number(digit)))
