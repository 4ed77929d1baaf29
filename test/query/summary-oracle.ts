// What summaries mean, in plain JavaScript over rows in memory. Decimals have up to three places.

import type { Row, Value } from '../../src/encoding.ts'
import type {
  Aggregate,
  CalendarGroup,
  GroupTerm,
  NumberBounds,
  RangeGroup,
  Summarize,
} from '../../src/query/summary.ts'
import { compare, matching } from './oracle.ts'

/** One group; numbers are in units of a billionth, exact, unless they are percentiles. */
export interface ExpectedGroup {
  values: Value[]
  count: number
  /** The sum and the aggregates by name. */
  computed: Record<string, bigint | number | Value>
  rows: Row[]
}

const scale = 9

/** A whole or decimal number in units of a billionth. */
export function units(value: Value): bigint {
  const [whole = '', fraction = ''] = String(value).replace('-', '').split('.')
  const size = BigInt(whole + fraction.padEnd(scale, '0').slice(0, scale))
  return String(value).startsWith('-') ? -size : size
}

const isNumeric = (column: string): boolean => ['total', 'rate'].includes(column)

/** All groups of a request, in order; those that `having` leaves out are left out. */
export function expectedGroups(rows: readonly Row[], request: Summarize): ExpectedGroup[] {
  const terms = request.group === undefined ? [] : ([request.group].flat() as GroupTerm[])
  const found = matching(rows, request.where)
  const groups = new Map<string, ExpectedGroup>()
  const put = (values: Value[], row?: Row) => {
    const name = JSON.stringify(values)
    const group = groups.get(name) ?? { values, count: 0, computed: {}, rows: [] }
    if (row) group.rows.push(row)
    groups.set(name, group)
  }
  if (terms.length === 0) put([])
  for (const row of found) for (const values of valuesOf(terms, row)) put(values, row)
  const named = { ...(request.sum && { sum: { sum: request.sum } }), ...request.aggregates }
  for (const group of groups.values()) {
    group.count = group.rows.length
    group.computed = Object.fromEntries(Object.entries(named).map(([name, one]) => [name, computed(one, group.rows)]))
  }
  const kept = [...groups.values()].filter((group) =>
    Object.entries(request.having ?? {}).every(([name, bounds]) => isWithin(numberOf(group, name), bounds)),
  )
  return kept.sort((a, b) => inSequence(request, terms, a, b))
}

/** Every combination of a row's group values. */
function valuesOf(terms: readonly GroupTerm[], row: Row): Value[][] {
  return terms.reduce<Value[][]>(
    (all, term) => all.flatMap((values) => termValues(term, row).map((value) => [...values, value])),
    [[]],
  )
}

function termValues(term: GroupTerm, row: Row): Value[] {
  if (typeof term !== 'string' && 'ranges' in term) return [rangeOf(term, row[term.column] as Value)]
  if (typeof term !== 'string' && 'step' in term) throw new Error('no random request has a step')
  if (typeof term !== 'string' && (term.interval === 'hour' || term.interval === 'minute'))
    return [firstTime(term, row[term.column] as string | null)]
  if (typeof term !== 'string') return [firstDay(term, row[term.column] as string | null)]
  const value = row[term] as Value
  if (!Array.isArray(value)) return [value]
  const elements = [...new Set(value.filter((element) => element !== null))]
  return elements.length > 0 ? elements : [null]
}

/** The last bound that is not above the number, and the first that is. Bounds are written as the column's values are. */
function rangeOf({ column, ranges }: RangeGroup, value: Value): Value {
  if (value === null) return null
  const bounds = ranges as Value[]
  const from = bounds.findLast((bound) => compare(column, bound, value) <= 0) ?? null
  return { from, to: bounds.find((bound) => compare(column, bound, value) > 0) ?? null } as Value
}

/** The time at which the hour or minute begins, on the clocks of the zone. */
function firstTime({ interval, timeZone }: CalendarGroup, value: string | null): string | null {
  if (value === null) return null
  const isInstant = value.endsWith('Z')
  const milliseconds = Date.parse(`${value.slice(0, 23)}Z`)
  const unit = interval === 'hour' ? 3_600_000 : 60_000
  const offset = isInstant ? localMilliseconds(milliseconds, timeZone) - milliseconds : 0
  const first = Math.floor((milliseconds + offset) / unit) * unit - offset
  return new Date(first).toISOString().replace('Z', isInstant ? '000Z' : '000')
}

function localMilliseconds(instant: number, timeZone = 'UTC'): number {
  const seconds = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  return Date.parse(`${seconds.format(instant).replace(' ', 'T')}Z`) + (((instant % 1_000) + 1_000) % 1_000)
}

function firstDay({ interval, timeZone }: CalendarGroup, value: string | null): string | null {
  if (value === null) return null
  const [year, month, day] = localDay(value, timeZone).split('-').map(Number) as [number, number, number]
  const date = (months: number, days: number) => {
    const at = new Date(Date.UTC(2000, 0, 1))
    at.setUTCFullYear(year, months, days)
    return at
  }
  const weekday = (date(month - 1, day).getUTCDay() + 6) % 7
  const first = {
    day: date(month - 1, day),
    week: date(month - 1, day - weekday),
    month: date(month - 1, 1),
    quarter: date(month - 1 - ((month - 1) % 3), 1),
    year: date(0, 1),
  }[interval as 'day']
  return first.toISOString().slice(0, 10)
}

function localDay(value: string, timeZone = 'UTC'): string {
  if (!value.endsWith('Z')) return value.slice(0, 10)
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(new Date(value))
}

function computed(aggregate: Aggregate, rows: readonly Row[]): bigint | number | Value {
  const [used, column] = Object.entries(aggregate)[0] as [string, string]
  const present = rows.map((row) => row[column] as Value).filter((value) => value !== null)
  const sorted = present.toSorted((a, b) => compare(column, a, b))
  switch (used) {
    case 'count':
      return present.length
    case 'countDistinct':
      return new Set(present.map((value) => (isNumeric(column) ? String(units(value)) : value))).size
    case 'min':
      return sorted[0] ?? null
    case 'max':
      return sorted.at(-1) ?? null
    case 'sum':
      return present.length === 0 ? null : present.reduce((sum, value) => sum + units(value), 0n)
    case 'avg':
      return present.length === 0 ? null : average(present, column)
    default:
      return percentile(sorted.map(Number), (aggregate as { at: number }).at)
  }
}

/** In units of a billionth: `total` has two decimals, so its average has eight. */
function average(present: readonly Value[], column: string): bigint | number {
  const sum = present.reduce((all, value) => all + units(value), 0n)
  // One division of whole numbers is rounded once.
  if (column !== 'total') return Number(sum / 10n ** 6n) / (1_000 * present.length)
  const divisor = BigInt(present.length) * 10n
  const size = sum < 0n ? -sum : sum
  const rounded = ((2n * size + divisor) / (2n * divisor)) * 10n
  return sum < 0n ? -rounded : rounded
}

function percentile(sorted: readonly number[], at: number): number | null {
  if (sorted.length === 0) return null
  const place = at * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number]
  return low + (high - low) * (place - Math.floor(place))
}

const numberOf = (group: ExpectedGroup, name: string) => (name === 'count' ? group.count : group.computed[name])

function isWithin(value: bigint | number | Value | undefined, bounds: NumberBounds = {}): boolean {
  if (value === null || value === undefined) return false
  const size = typeof value === 'bigint' ? value : units(value as Value)
  return Object.entries(bounds).every(([operator, bound]) => {
    const order = size - units(bound)
    return { eq: order === 0n, gt: order > 0n, gte: order >= 0n, lt: order < 0n, lte: order <= 0n }[operator]
  })
}

function inSequence(request: Summarize, terms: readonly GroupTerm[], a: ExpectedGroup, b: ExpectedGroup): number {
  const { sort = '-count' } = request
  const sign = sort.startsWith('-') ? -1 : 1
  const by = sort.replace(/^-/, '')
  if (by === 'group') return byValues(terms, sign, a, b)
  const first = nullsLast(numberOf(a, by), numberOf(b, by), (x, y) => sign * order(columnOf(request, by), x, y))
  return first !== 0 ? first : byValues(terms, 1, a, b)
}

/** Whose order the values of an aggregate have, if they are values of the column. */
const columnOf = ({ aggregates = {} }: Summarize, name: string): string | undefined => {
  const one = aggregates[name] as Record<string, string> | undefined
  return one?.min ?? one?.max
}

function order(column: string | undefined, a: NonNullable<unknown>, b: NonNullable<unknown>): number {
  if (column !== undefined) return compare(column, a as Value, b as Value)
  return a === b ? 0 : a < b ? -1 : 1
}

function byValues(terms: readonly GroupTerm[], sign: number, a: ExpectedGroup, b: ExpectedGroup): number {
  for (const [place, term] of terms.entries()) {
    const found = nullsLast(a.values[place], b.values[place], (x, y) => sign * inTerm(term, x as Value, y as Value))
    if (found !== 0) return found
  }
  return 0
}

function inTerm(term: GroupTerm, a: Value, b: Value): number {
  if (typeof term === 'string') return compare(term, a, b)
  if (!('ranges' in term)) return compare('day', a, b)
  const [first, second] = [a, b].map((range) => (range as { from: Value }).from) as [Value, Value]
  if (first === null || second === null) return Number(second === null) - Number(first === null)
  return compare(term.column, first, second)
}

function nullsLast<V>(a: V, b: V, inOrder: (a: NonNullable<V>, b: NonNullable<V>) => number): number {
  if (a === null || b === null || a === undefined || b === undefined) return Number(a === null) - Number(b === null)
  return inOrder(a, b)
}
