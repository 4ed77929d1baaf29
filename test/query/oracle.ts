// What requests mean, in plain JavaScript over rows in memory.

import type { Row, Value } from '../../src/encoding.ts'
import type { Find, Summarize } from '../../src/query/request.ts'

type Bounds = Record<string, Value | Value[]>

const decimals = new Set(['total', 'rate'])
const key = ['region', 'id']

/** Text by UTF-8 bytes, decimals by value. */
function compare(column: string, a: Value, b: Value): number {
  if (decimals.has(column)) return Number(a) - Number(b)
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string))
  return (a as number) < (b as number) ? -1 : Number(a !== b)
}

function holds(column: string, value: Value, operator: string, asked: Value | Value[]): boolean {
  const isNull = value === null
  if (operator === 'has') return ((value as Value[] | null) ?? []).includes(asked as Value)
  if (operator === 'exists') return asked === (Array.isArray(value) ? value.some((one) => one !== null) : !isNull)
  if (operator === 'prefix') return !isNull && (value as string).startsWith(asked as string)
  if (operator === 'in') return !isNull && (asked as Value[]).some((one) => compare(column, value, one) === 0)
  if (operator === 'eq') return isNull || asked === null ? value === asked : compare(column, value, asked) === 0
  if (operator === 'ne') return !holds(column, value, 'eq', asked)
  if (isNull) return false
  const order = compare(column, value, asked)
  return { gt: order > 0, gte: order >= 0, lt: order < 0, lte: order <= 0 }[operator] ?? false
}

/** The rows that fulfil the conditions. */
export const matching = (rows: readonly Row[], where: Find['where']): Row[] =>
  rows.filter((row) => fulfils(row, where ?? {}))

function fulfils(row: Row, where: object): boolean {
  return Object.entries(where).every(([name, asked]) => {
    if (name === 'and') return asked.every((one: object) => fulfils(row, one))
    if (name === 'or') return asked.some((one: object) => fulfils(row, one))
    if (name === 'not') return !fulfils(row, asked)
    const bounds = typeof asked === 'object' && asked !== null ? (asked as Bounds) : { eq: asked as Value }
    return Object.entries(bounds).every(([operator, value]) => holds(name, row[name] as Value, operator, value))
  })
}

/** All rows of a request, in order. */
export function expectedRows(rows: readonly Row[], request: Find): Row[] {
  const terms = [request.sort ?? []].flat().map((term) => ({
    column: term.replace(/^-/, ''),
    sign: term.startsWith('-') ? -1 : 1,
  }))
  const sign = terms.at(-1)?.sign ?? 1
  const order = [...terms, ...key.map((column) => ({ column, sign }))]
  return matching(rows, request.where).toSorted((a, b) => {
    for (const term of order) {
      const [left, right] = [a[term.column] as Value, b[term.column] as Value]
      const nulls = Number(left === null) - Number(right === null)
      if (nulls !== 0) return nulls
      const difference = left === null ? 0 : term.sign * compare(term.column, left, right)
      if (difference !== 0) return difference
    }
    return 0
  })
}

/** Count and sum by group, in order; the sum in units of 0.001, exact. */
export function expectedGroups(
  rows: readonly Row[],
  request: Summarize,
): { group: Value; count: number; sum: bigint | null }[] {
  const { group, sum, sort = '-count' } = request
  const found = matching(rows, request.where)
  const groups = new Map<Value, Row[]>(group ? [] : [[null, found]])
  if (group)
    for (const row of found)
      for (const value of groupsOf(row[group] as Value)) groups.set(value, [...(groups.get(value) ?? []), row])
  return [...groups]
    .map(([value, members]) => ({ group: value, count: members.length, sum: sum ? total(members, sum) : null }))
    .sort((a, b) => {
      const sign = sort.startsWith('-') ? -1 : 1
      const by = sort.replace('-', '') as 'count' | 'sum' | 'group'
      const first = nullsLast(a[by], b[by], (x, y) =>
        by === 'group'
          ? sign * compare(group as string, x as Value, y as Value)
          : sign * Number(BigInt(x as number) - BigInt(y as number)),
      )
      return first !== 0 ? first : nullsLast(a.group, b.group, (x, y) => compare(group as string, x, y))
    })
}

function nullsLast<V>(a: V, b: V, order: (a: NonNullable<V>, b: NonNullable<V>) => number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return order(a as NonNullable<V>, b as NonNullable<V>)
}

/** The groups in which a row counts: an array's different elements, null where it has none. */
function groupsOf(value: Value): Iterable<Value> {
  if (!Array.isArray(value)) return [value]
  const elements = new Set(value.filter((element) => element !== null))
  return elements.size > 0 ? elements : [null]
}

function total(rows: readonly Row[], column: string): bigint | null {
  const present = rows.map((row) => row[column]).filter((value) => value !== null)
  return present.length === 0 ? null : present.reduce((sum, value) => sum + thousandths(value as Value), 0n)
}

/** A whole or decimal number in units of 0.001. */
export function thousandths(value: Value): bigint {
  const [whole, fraction = ''] = String(value).replace('-', '').split('.') as [string, string?]
  const units = BigInt(whole) * 1000n + BigInt(fraction.padEnd(3, '0'))
  return String(value).startsWith('-') ? -units : units
}
