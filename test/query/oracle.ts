// What requests mean, in plain JavaScript over rows in memory.

import type { Row, Value } from '../../src/encoding.ts'
import type { Find } from '../../src/query/request.ts'

type Bounds = Record<string, Value | Value[]>

const decimals = new Set(['total', 'rate'])
const key = ['region', 'id']

/** Text by UTF-8 bytes, decimals by value. */
export function compare(column: string, a: Value, b: Value): number {
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

const withoutCase = (value: Value): Value => value && String(value).toLowerCase().replaceAll('ς', 'σ')

/** All rows of a request, in order, with its columns. */
export function expectedRows(rows: readonly Row[], request: Find): Row[] {
  const terms = [request.sort ?? []].flat().map((term) => ({
    column: term.replace(/^-|( ignoring case)?( missing first)?$/g, ''),
    fold: term.includes(' ignoring case') ? withoutCase : (value: Value) => value,
    sign: term.startsWith('-') ? -1 : 1,
    missing: term.endsWith('missing first') ? -1 : 1,
  }))
  const sign = terms.at(-1)?.sign ?? 1
  const order = [...terms, ...key.map((column) => ({ column, sign, missing: 1, fold: (value: Value) => value }))]
  const chosen = (row: Row) =>
    Object.fromEntries((request.columns ?? Object.keys(row)).map((name) => [name, row[name] as Value]))
  const sorted = matching(rows, request.where).toSorted((a, b) => {
    for (const term of order) {
      const [left, right] = [term.fold(a[term.column] as Value), term.fold(b[term.column] as Value)]
      const nulls = Number(left === null) - Number(right === null)
      if (nulls !== 0) return term.missing * nulls
      const difference = left === null ? 0 : term.sign * compare(term.column, left, right)
      if (difference !== 0) return difference
    }
    return 0
  })
  return sorted.map(chosen)
}
