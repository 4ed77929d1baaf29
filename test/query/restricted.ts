// Random restrictions of things, and what is left of requests and rows.

import fc from 'fast-check'
import { expect } from 'vitest'
import type { Row } from '../../src/encoding.ts'
import type { Aggregate, GroupTerm, Summarize } from '../../src/query/summary.ts'
import type { Find } from '../../src/query.ts'
import { values } from './catalog.ts'
import { where } from './conditions.ts'
import { matching } from './oracle.ts'

export const key = ['region', 'id']

export interface Restricted {
  columns: string[]
  where: NonNullable<Find['where']>
}

/** The columns that a request names, wherever it does. */
export function namesOf({ where = {}, columns = [], sort = [] }: Find): string[] {
  const sorted = [sort].flat().map((term) => term.replace(/^-|( ignoring case)?( missing first)?$/g, ''))
  return [...columns, ...sorted, ...namesIn(where)]
}

const namesIn = (conditions: object): string[] =>
  Object.entries(conditions).flatMap(([name, asked]) => {
    if (name === 'not') return namesIn(asked)
    return name === 'and' || name === 'or' ? asked.flatMap(namesIn) : [name]
  })

export function namesOfSummary({ where = {}, group = [], sum, aggregates = {} }: Summarize): string[] {
  const grouped = ([group].flat() as GroupTerm[]).map((term) => (typeof term === 'object' ? term.column : term))
  const computed = Object.values(aggregates as Record<string, Aggregate>).map((one) => Object.values(one)[0] as string)
  return [...namesIn(where), ...grouped, ...(sum ? [sum] : []), ...computed]
}

const everyColumn = [...Object.keys(values), 'tags', 'extra']
const others = everyColumn.filter((name) => !key.includes(name))

export const restriction: fc.Arbitrary<Restricted> = fc.record({
  columns: fc.oneof(fc.constant(others), fc.subarray(others)).map((some) => [...key, ...some]),
  where: where.filter((one) => Object.keys(one ?? {}).length > 0) as fc.Arbitrary<Restricted['where']>,
})

/** The rows that are left, with the columns that are left, in the order of the definition. */
export const seen = (rows: readonly Row[], { columns, where }: Restricted): Row[] =>
  matching(rows, where).map((row) =>
    Object.fromEntries(everyColumn.filter((name) => columns.includes(name)).map((name) => [name, row[name] ?? null])),
  )

/** The first of the names that is hidden. */
export const hides = ({ columns }: Restricted, names: string[]) => names.find((name) => !columns.includes(name))

/** Hidden columns are as unknown as those that do not exist, and no message names one that was not asked for. */
export async function expectRefused(answer: Promise<unknown>, restricted: Restricted, asked: string[]): Promise<void> {
  const error = await answer.then(
    () => undefined,
    (reason) => reason,
  )
  expect(error?.code).toBe('QUERY_INVALID')
  expectSilent(error.message, restricted, asked)
}

/** A refusal names no hidden column that was not asked for. */
export function expectSilent(message: string, { columns }: Restricted, asked: string[]): void {
  const known = /(?:its columns are|did you mean|use one of) ([^;]*)/.exec(message)?.[1] ?? ''
  const named = everyColumn.filter((name) => new RegExp(`\\b${name}\\b`).test(known) && !asked.includes(name))
  expect(named.filter((name) => !columns.includes(name))).toEqual([])
}
