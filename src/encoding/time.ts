import type { Encoding, Value } from '../encoding.ts'
import { dayNumber, dayOf, isDay } from './calendar.ts'
import { invalid } from './invalid.ts'

// Canonical forms: `2026-01-31`, `2026-01-31T12:00:00.000000Z`, without the Z for `timestamp`. Years have four digits or
// more, and ` BC` follows the whole text of those before the first. `infinity` and `-infinity` are times too.

const infinities = new Map([
  ['infinity', 2n ** 63n - 2n],
  ['-infinity', -(2n ** 63n) + 1n],
])

const daySeconds = 86_400
const firstDay = dayNumber(-4713, 11, 24)
const lastDay = dayNumber(5_874_897, 12, 31)
const lastInstantDay = dayNumber(294_276, 12, 31)

const dayForm = /^(\d{4,7})-(\d\d)-(\d\d)( BC)?$/

/** The number of a day (of `day` in `2026-01-31` or `0044-03-15 BC`), or undefined if there is no such day. */
function numberOfDay(text: string, last: number): number | undefined {
  const match = dayForm.exec(text)
  if (!match) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (year === 0 || !isDay(match[4] ? 1 - year : year, month, day)) return undefined
  const number = dayNumber(match[4] ? 1 - year : year, month, day)
  return number >= firstDay && number <= last ? number : undefined
}

const twoDigits = (value: number): string => String(value).padStart(2, '0')

/** A day in its form; `between` comes before the mark of years before the first one. */
function shownDay(number: number, between = ''): string {
  const { year, month, day } = dayOf(number)
  const shownYear = String(year > 0 ? year : 1 - year).padStart(4, '0')
  return `${shownYear}-${twoDigits(month)}-${twoDigits(day)}${between}${year > 0 ? '' : ' BC'}`
}

/** A field of digits holds more than a JavaScript number: those are given and taken as text. */
const digitsOf = (value: bigint): string | number =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value)

const infinityOf = (key: unknown): string | undefined =>
  [...infinities.keys()].find((name) => String(infinities.get(name)) === String(key))

export const date: Encoding = {
  pgType: 'date',
  tsType: 'string',
  mapping: { type: 'date', format: 'strict_date', ignore_malformed: true },
  exact: {
    mapping: { type: 'long' },
    of: (value) => digitsOf(infinities.get(value as string) ?? BigInt(numberOfDay(value as string, lastDay) as number)),
    from: (key) => infinityOf(key) ?? shownDay(Number(key)),
  },
  decode: (text) => date.canonical(text),
  canonical(value) {
    const isDate = typeof value === 'string' && (infinities.has(value) || numberOfDay(value, lastDay) !== undefined)
    if (!isDate) throw invalid('a date (YYYY-MM-DD)', value)
    return value
  },
  text: (value) => value as string,
}

const utcForm = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}(?:\d{3})?Z$/
const millisecondsLength = '2026-01-31T12:00:00.000Z'.length
const instantForm =
  /^(\d{4,6}-\d\d-\d\d)[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6})0*)?)?(Z|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?( BC)?$/

/** Most instants that come one after the other are of the same day, which need not be checked again. */
let checkedDay = ''

function isDayOfInstant(day: string): boolean {
  if (day === checkedDay) return true
  if (numberOfDay(day, lastInstantDay) === undefined) return false
  checkedDay = day
  return true
}

/** Microseconds are kept: a JavaScript Date would lose three digits. */
export function timestamp(pgType: 'timestamptz' | 'timestamp'): Encoding {
  const zoned = pgType === 'timestamptz'
  const wanted = zoned ? 'an instant with its offset (ISO 8601)' : 'a timestamp without an offset (ISO 8601)'
  const canonical = (value: unknown) => {
    // The forms of JSON.stringify and of PostgreSQL's own: no need to take them apart.
    if (zoned && typeof value === 'string' && utcForm.test(value) && isDayOfInstant(value.slice(0, 10)))
      return value.length === millisecondsLength ? `${value.slice(0, -1)}000Z` : value
    const given = zoned && value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : value
    if (typeof given === 'string' && infinities.has(given)) return given
    const parts = typeof given === 'string' ? partsOf(given) : undefined
    if (!parts || (parts.offset !== undefined) !== zoned) throw invalid(wanted, value)
    const whole = shownInstant(parts.seconds - (parts.offset ?? 0), `.${parts.fraction}${zoned ? 'Z' : ''}`)
    if (!whole) throw invalid(`${wanted} between 4714-11-24 BC and the year 294276`, value)
    return whole
  }
  return {
    pgType,
    tsType: 'string',
    mapping: { type: 'date_nanos', format: 'strict_date_optional_time_nanos', ignore_malformed: true },
    exact: { mapping: { type: 'long' }, of: microseconds, from: (key) => fromMicroseconds(key, zoned ? 'Z' : '') },
    decode: canonical,
    canonical,
    text: (value) => value as string,
  }
}

interface Parts {
  /** Local seconds since 2000-01-01. */
  seconds: number
  /** Six digits. */
  fraction: string
  /** Seconds east of UTC. */
  offset: number | undefined
}

function partsOf(text: string): Parts | undefined {
  const match = instantForm.exec(text)
  if (!match) return undefined
  const [, day, hours, minutes, seconds = '0', fraction = '', offset, era = ''] = match
  const number = numberOfDay(`${day}${era}`, lastInstantDay)
  if (number === undefined) return undefined
  return {
    seconds: number * daySeconds + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
    fraction: fraction.padEnd(6, '0'),
    offset: offset === undefined ? undefined : secondsOf(offset),
  }
}

function secondsOf(offset: string): number {
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(offset) ?? ['', '+', '0', '0']
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
}

/** @param rest what follows the seconds. Undefined if PostgreSQL has no such time */
function shownInstant(seconds: number, rest: string): string | undefined {
  const day = Math.floor(seconds / daySeconds)
  if (day < firstDay || day > lastInstantDay) return undefined
  const time = seconds - day * daySeconds
  const clock = [Math.floor(time / 3600), Math.floor(time / 60) % 60, time % 60].map(twoDigits).join(':')
  return shownDay(day, `T${clock}${rest}`)
}

/** Since 2000-01-01: from there PostgreSQL's times fit into 64 bits. */
function microseconds(value: Value): string | number {
  const infinite = infinities.get(value as string)
  if (infinite !== undefined) return digitsOf(infinite)
  const { seconds, fraction } = partsOf(value as string) as Parts
  const exact = seconds * 1_000_000 + Number(fraction)
  return Number.isSafeInteger(exact) ? exact : digitsOf(BigInt(seconds) * 1_000_000n + BigInt(fraction))
}

function fromMicroseconds(key: unknown, zone: string): string {
  const infinite = infinityOf(key)
  if (infinite) return infinite
  const number = BigInt(key as string | number)
  const fraction = ((number % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = Number((number - fraction) / 1_000_000n)
  return shownInstant(seconds, `.${String(fraction).padStart(6, '0')}${zone}`) as string
}

const clockForm = /^(?:([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(\d{1,6})0*)?|24:00:00(?:\.0+)?)$/

/** The time of a day, from 00:00:00.000000 to 24:00:00.000000; its text has the order of time. */
export const time: Encoding = {
  pgType: 'time',
  tsType: 'string',
  mapping: { type: 'keyword' },
  decode: (text) => time.canonical(text),
  canonical(value) {
    const match = typeof value === 'string' ? clockForm.exec(value) : null
    if (!match) throw invalid('a time of day (HH:MM:SS)', value)
    return `${match[0].slice(0, 8)}.${(match[2] ?? '').padEnd(6, '0')}`
  },
  text: (value) => value as string,
}
