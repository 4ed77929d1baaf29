import { TrifoldError } from './errors.ts'

/**
 * One value of a row in its canonical form, the same whichever target it comes from: what `find` returns, what
 * handlers write, what comparisons compare.
 */
export type Value = string | number | boolean | null | Json[] | { [key: string]: Json }
/** What a column of type json or jsonb may hold. */
type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
/** A row as `find` returns it, by column. */
export type Row = Record<string, Value>

/** How one PostgreSQL type travels: to JavaScript, to a parameter, to an index. */
export interface Encoding {
  /** The type as it is written in SQL. */
  pgType: string
  /** The type of the canonical value in TypeScript. */
  tsType: string
  /** The field mapping in OpenSearch. */
  mapping: Record<string, unknown>
  /** The encoding of the elements, of an array. */
  element?: Encoding
  /** From PostgreSQL's text form (session settings of `database.ts`: UTC, ISO) to the canonical value. */
  decode(text: string): Value
  /** From any accepted value to the canonical one. @throws VALUE_INVALID (message without the column's name) */
  canonical(value: unknown): Value
  /** From the canonical value to the text of a parameter. */
  text(value: Value): string
}

const invalid = (what: string, value: unknown): TrifoldError =>
  new TrifoldError('VALUE_INVALID', `${shown(value)} is not ${what}`, { details: { value } })

const shown = (value: unknown): string =>
  typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value)?.slice(0, 80) ?? String(value))

const same = (value: Value): string => String(value)

function wholeNumber(value: unknown, limit: number, what: string): number {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
  const whole = typeof number === 'bigint' ? Number(number) : number
  if (typeof whole !== 'number' || !Number.isInteger(whole)) throw invalid(what, value)
  if (Math.abs(whole) > limit) throw invalid(`${what} that JavaScript holds exactly; cast the column to text`, value)
  return whole
}

function integer(pgType: string, mapping: string, limit: number): Encoding {
  const what = `a whole number (${pgType})`
  const canonical = (value: unknown) => wholeNumber(value, limit, what)
  return { pgType, tsType: 'number', mapping: { type: mapping }, decode: canonical, canonical, text: same }
}

function float(pgType: string, mapping: string): Encoding {
  const canonical = (value: unknown) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof number !== 'number' || !Number.isFinite(number)) throw invalid('a finite number', value)
    return Object.is(number, -0) ? 0 : number
  }
  return { pgType, tsType: 'number', mapping: { type: mapping }, decode: canonical, canonical, text: same }
}

/** Exact decimals stay text; a declared scale pads them, otherwise trailing zeros are cut. The index compares doubles. */
function numeric(scale: number | undefined): Encoding {
  const canonical = (value: unknown) => {
    const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
    const match = typeof text === 'string' ? /^([+-]?)0*(\d+)(?:\.(\d+))?$/.exec(text.trim()) : null
    if (!match) throw invalid('a decimal number', value)
    const [, sign, whole, digits = ''] = match as unknown as [string, string, string, string | undefined]
    const fraction = digits.replace(/0+$/, '')
    if (scale !== undefined && fraction.length > scale) throw invalid(`a number with ${scale} decimals`, value)
    const shownFraction = scale === undefined ? fraction : fraction.padEnd(scale, '0')
    const body = shownFraction === '' ? whole : `${whole}.${shownFraction}`
    return sign === '-' && /[1-9]/.test(body) ? `-${body}` : body
  }
  return { pgType: 'numeric', tsType: 'string', mapping: { type: 'double' }, decode: canonical, canonical, text: same }
}

function string(pgType: string): Encoding {
  const canonical = (value: unknown) => {
    if (typeof value !== 'string') throw invalid('text', value)
    if (value.includes('\0')) throw invalid('text that PostgreSQL can store (it has a zero character)', value)
    return value
  }
  const mapping = { type: 'keyword', ignore_above: 8191 }
  return { pgType, tsType: 'string', mapping, decode: (text) => text, canonical, text: same }
}

const uuid: Encoding = {
  ...string('uuid'),
  canonical(value) {
    if (typeof value !== 'string' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value))
      throw invalid('a uuid', value)
    return value.toLowerCase()
  },
}

const boolean: Encoding = {
  pgType: 'boolean',
  tsType: 'boolean',
  mapping: { type: 'boolean' },
  decode: (text) => text === 't' || text === 'true',
  canonical(value) {
    if (typeof value !== 'boolean') throw invalid('a boolean', value)
    return value
  },
  text: same,
}

const date: Encoding = {
  pgType: 'date',
  tsType: 'string',
  mapping: { type: 'date', format: 'strict_date' },
  decode: (text) => date.canonical(text),
  canonical(value) {
    if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) throw invalid('a date (YYYY-MM-DD)', value)
    return value
  },
  text: same,
}

const utcForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(\d{3})?Z$/
const instantForm = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d(?::?\d\d)?)?$/

/** Microseconds are kept: a JavaScript Date would lose three digits. */
function timestamp(pgType: 'timestamptz' | 'timestamp'): Encoding {
  const zoned = pgType === 'timestamptz'
  const canonical = (value: unknown) => {
    // The forms of JSON.stringify and of PostgreSQL's own: no need to take them apart.
    if (zoned && typeof value === 'string' && utcForm.test(value))
      return value.length === 27 ? value : `${value.slice(0, 23)}000Z`
    const text = value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : value
    const match = typeof text === 'string' ? instantForm.exec(text) : null
    if (!match || (zoned && match[4] === undefined))
      throw invalid(zoned ? 'an instant with its offset (ISO 8601)' : 'a timestamp', value)
    const [, day, time, fraction = '', offset] = match as unknown as [
      string,
      string,
      string,
      string | undefined,
      string,
    ]
    const seconds = time.length === 5 ? `${time}:00` : time
    const whole =
      !zoned || /^(Z|[+-]00(:?00)?)$/.test(offset) ? `${day}T${seconds}` : inUtc(`${day}T${seconds}`, offset)
    return `${whole}.${fraction.padEnd(6, '0')}${zoned ? 'Z' : ''}`
  }
  const mapping = { type: 'date_nanos', format: 'strict_date_optional_time_nanos' }
  return { pgType, tsType: 'string', mapping, decode: canonical, canonical, text: same }
}

function inUtc(local: string, offset: string): string {
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(offset) as unknown as [
    string,
    string,
    string,
    string?,
  ]
  return new Date(`${local}${sign}${hours}:${minutes}`).toISOString().slice(0, 19)
}

const jsonb: Encoding = {
  pgType: 'jsonb',
  tsType: 'unknown',
  mapping: { type: 'object', enabled: false },
  decode: (text) => jsonb.canonical(JSON.parse(text)),
  canonical: (value) => sorted(JSON.parse(JSON.stringify(value ?? null))),
  text: (value) => JSON.stringify(value),
}

/** Object keys in order of code units, at every depth: jsonb itself does not keep the order in which they came. */
function sorted(value: Value): Value {
  if (Array.isArray(value)) return value.map((item) => sorted(item)) as Value
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)])) as Value
}

/** One-dimensional arrays of text or of whole numbers. */
function array(element: Encoding): Encoding {
  const canonical = (value: unknown) => {
    if (!Array.isArray(value)) throw invalid(`an array of ${element.pgType}`, value)
    return value.map((item) => (item === null ? null : element.canonical(item))) as Value
  }
  return {
    pgType: `${element.pgType}[]`,
    tsType: `(${element.tsType} | null)[]`,
    mapping: element.mapping,
    element,
    decode: (text) => canonical(parseArray(text)),
    canonical,
    text: (value) => arrayText((value as Value[]).map((item) => (item === null ? null : element.text(item)))),
  }
}

/** The text form of a one-dimensional array parameter, with every element quoted. */
export function arrayText(items: readonly (string | null)[]): string {
  const quoted = items.map((item) =>
    item === null ? 'NULL' : `"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
  )
  return `{${quoted.join(',')}}`
}

function parseArray(text: string): (string | null)[] {
  const items: (string | null)[] = []
  const element = /"((?:[^"\\]|\\.)*)"|([^,{}]+)/g
  for (const [, quoted, plain] of text.slice(1, -1).matchAll(element)) {
    if (quoted !== undefined) items.push(quoted.replace(/\\(.)/g, '$1'))
    else items.push(plain === 'NULL' ? null : (plain as string))
  }
  return items
}

const int4 = integer('integer', 'integer', 2147483647)
const int8 = integer('bigint', 'long', Number.MAX_SAFE_INTEGER)
const text = string('text')

/** `char(n)` is padded with blanks in some places and not in others; they mean nothing. */
const blankPadded: Encoding = {
  ...text,
  decode: (value) => value.replace(/ +$/, ''),
  canonical: (value) => (text.canonical(value) as string).replace(/ +$/, ''),
}

const byOid: Record<number, Encoding> = {
  16: boolean,
  20: int8,
  21: integer('smallint', 'short', 32767),
  23: int4,
  25: text,
  700: float('real', 'float'),
  701: float('double precision', 'double'),
  1007: array(int4),
  1009: array(text),
  1015: array(text),
  1016: array(int8),
  1042: blankPadded,
  1043: text,
  1082: date,
  1114: timestamp('timestamp'),
  1184: timestamp('timestamptz'),
  2950: uuid,
  3802: jsonb,
}

/**
 * The encoding of a PostgreSQL type, by the type's oid and modifier as a row description gives them, or undefined where
 * a read model cannot hold the type.
 */
export function encodingOf(oid: number, modifier: number): Encoding | undefined {
  if (oid === 1700) return numeric(modifier < 0 ? undefined : (modifier - 4) & 0x7ff)
  return byOid[oid]
}
