// Random requests to summarize, and what two answers to one of them have in common.

import fc from 'fast-check'
import { expect } from 'vitest'
import type { Value } from '../../src/encoding.ts'
import type { Aggregate, GroupTerm, Summarize, Summary } from '../../src/query/summary.ts'
import { values } from './catalog.ts'
import { where } from './conditions.ts'
import { type ExpectedGroup, units } from './summary-oracle.ts'

const numbers = ['quantity', 'total', 'rate']
const ordered = [...numbers, 'name', 'day', 'seen', 'changed_at', 'ratio', 'weight']

const aggregate: fc.Arbitrary<Aggregate> = fc.oneof(
  fc.constantFrom<Aggregate>(...numbers.flatMap((column) => [{ sum: column }, { avg: column }])),
  fc.constantFrom<Aggregate>(...ordered.flatMap((column) => [{ min: column }, { max: column }])),
  fc.constantFrom<Aggregate>(...[...ordered, 'active', 'reference'].map((column) => ({ count: column }))),
  fc.constantFrom<Aggregate>({ countDistinct: 'name' }, { countDistinct: 'rate' }, { countDistinct: 'day' }),
  fc.record({ percentile: fc.constantFrom('quantity', 'total', 'ratio'), at: fc.constantFrom(0, 0.1, 0.5, 0.99, 1) }),
)

const days = ['day', 'week', 'month', 'quarter', 'year'] as const
const interval = fc.constantFrom('minute', 'hour', ...days)
const timeZone = fc.constantFrom('UTC', 'Europe/Vienna', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu')

/** As the column writes them, and where values lie: a bound belongs to the range above it. */
const bounds: Record<string, (number | string)[]> = {
  quantity: [-2147483647, -3, 0, 2, 2147483647],
  distance: [-9007199254740991, 0, 6, 12345678901],
  total: ['-0.01', '0.00', '0.30', '10.00', '9999999999.99'],
  rate: ['-3', '0.125', '0.13', '19.999', '123456789012345678901234567890'],
  ratio: [-2.5, 0, 0.1, 0.30000000000000004, 1e300],
  weight: [-1.5, 0.1, 0.7, 16777216],
}

const range = fc.constantFrom(...Object.keys(bounds)).chain((column) =>
  fc.record({
    column: fc.constant(column),
    ranges: fc.subarray(bounds[column] as (number | string)[], { minLength: 1 }),
  }),
)

const term: fc.Arbitrary<GroupTerm> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('tags', ...Object.keys(values)) },
  { weight: 1, arbitrary: fc.record({ column: fc.constant('seen'), interval }) },
  { weight: 1, arbitrary: fc.record({ column: fc.constant('day'), interval: fc.constantFrom(...days) }) },
  { weight: 1, arbitrary: fc.record({ column: fc.constant('changed_at'), interval, timeZone }) },
  { weight: 2, arbitrary: range },
) as fc.Arbitrary<GroupTerm>

const group = fc.oneof(
  term,
  fc.uniqueArray(term, { minLength: 1, maxLength: 3, selector: (one) => JSON.stringify(one) }),
)

const bound = fc.constantFrom(0, 1, 3, '9.99', '0.125', 20)

/** In an order, and with bounds, that the summary has. */
function chosen(request: Summarize): fc.Arbitrary<Summarize> {
  if (request.group === undefined) return fc.constant(request)
  const named = Object.entries({ ...request.aggregates, ...(request.sum && { sum: { sum: request.sum } }) })
  const names = ['count', 'group', ...named.filter(([, one]) => !isFloat(one)).map(([name]) => name)]
  const bounded = named.filter(([, one]) => isBounded(one)).map(([name]) => name)
  const sort = fc.option(fc.constantFrom(...names.flatMap((name) => [name, `-${name}`])), { nil: undefined })
  const having = fc.option(
    fc.dictionary(
      fc.constantFrom('count', ...bounded),
      fc.dictionary(fc.constantFrom('gt', 'gte', 'lt', 'lte'), bound, {
        minKeys: 1,
        maxKeys: 2,
        noNullPrototype: true,
      }),
      { minKeys: 1, maxKeys: 2, noNullPrototype: true },
    ),
    { nil: undefined, freq: 2 },
  )
  return fc.record({ sort, having }).map(({ sort, having }) => ({
    ...request,
    ...(sort && { sort: sort as never }),
    ...(having && { having: having as never }),
  }))
}

/** Sums of doubles depend on their order in the last digits, and so do percentiles. */
const isFloat = (one: Aggregate): boolean => 'percentile' in one || ('avg' in one && one.avg === 'rate')
const isBounded = (one: Aggregate): boolean =>
  !isFloat(one) && !(('min' in one && !numbers.includes(one.min)) || ('max' in one && !numbers.includes(one.max)))

export const someSummarize: fc.Arbitrary<Summarize> = fc
  .record(
    {
      where,
      group,
      sum: fc.constantFrom(...numbers),
      aggregates: fc.dictionary(fc.constantFrom('a', 'b', 'c d', 'ö'), aggregate, {
        minKeys: 1,
        maxKeys: 3,
        noNullPrototype: true,
      }),
    },
    { requiredKeys: ['where'] },
  )
  .chain(chosen)

type Groups = Summary['groups']

const namedIn = ({ sum, aggregates }: Summarize): [string, Aggregate][] =>
  Object.entries({ ...(sum && { sum: { sum } }), ...aggregates })

/** Groups in the oracle's form. */
export const comparable = (request: Summarize, { groups }: { groups: Groups }): unknown[] =>
  groups.map((one) => ({
    values: request.group === undefined ? [] : Array.isArray(request.group) ? one.group : [one.group],
    count: one.count,
    computed: Object.fromEntries(
      namedIn(request).map(([name, aggregate]) => {
        const value = (name === 'sum' ? one.sum : one.aggregates?.[name]) as Value
        return [name, normal(aggregate, value)]
      }),
    ),
  }))

/** What {@link comparable} has to equal. */
export const expectedAs = (request: Summarize, expected: readonly ExpectedGroup[]): unknown[] =>
  expected.map(({ values, count, computed }) => ({
    values,
    count,
    computed: Object.fromEntries(
      namedIn(request).map(([name, aggregate]) => {
        const value = computed[name] as Value | bigint
        if (typeof value === 'bigint' || value === null) return [name, value]
        return [name, isRounded(aggregate) ? near(Number(value)) : normal(aggregate, value)]
      }),
    ),
  }))

/** Whether it is computed with a fraction. */
const isRounded = (one: Aggregate): boolean => 'percentile' in one || ('avg' in one && one.avg !== 'total')

/** Equal to twelve digits or nine decimals. Two numbers that are near may still be rounded apart. */
const near = (wanted: number) => ({
  asymmetricMatch: (given: unknown) =>
    typeof given === 'number' && Math.abs(given - wanted) <= Math.max(1e-9, 1e-12 * Math.abs(wanted)),
  toString: () => `about ${wanted}`,
})

/** Decimals by value. */
function normal(aggregate: Aggregate, value: Value): unknown {
  if (value === null) return null
  const [used, column] = Object.entries(aggregate)[0] as [string, string]
  if (isRounded(aggregate)) return Number(value)
  return used === 'sum' || used === 'avg' || ['total', 'rate'].includes(column) ? decimal(used, value) : value
}

const decimal = (used: string, value: Value): unknown => (used.startsWith('count') ? value : units(value))

/** An index answers as a table does, but for what it estimates and says so. */
export function expectAlike(
  request: Summarize,
  fromIndex: Summary,
  fromTable: Summary,
  expected: readonly ExpectedGroup[],
): void {
  if (!fromIndex.approximate) {
    expect(fromIndex).toEqual({ ...fromTable, target: fromIndex.target })
    return
  }
  const named = namedIn(request)
  const uncertain = named.filter(([, one]) => 'percentile' in one || 'countDistinct' in one || usesRate(one))
  expect(uncertain, 'what an index may not know').not.toEqual([])
  const isOrderedOrChosen = uncertain.some(
    ([name]) => request.sort?.endsWith(name) || request.having?.[name as 'count'],
  )
  if (isOrderedOrChosen) return
  const certain = ({ groups }: Summary) => groups.map(({ group, count }) => ({ group, count }))
  expect(certain(fromIndex)).toEqual(certain(fromTable))
  for (const [place, one] of fromIndex.groups.entries())
    for (const [name, aggregate] of uncertain) {
      const value = (name === 'sum' ? one.sum : one.aggregates[name]) as Value
      expectNear(aggregate, value, expected[place] as ExpectedGroup)
    }
}

/** Decimals without a scale, which doubles round. */
const usesRate = (one: Aggregate): boolean =>
  ('sum' in one && one.sum === 'rate') || ('avg' in one && one.avg === 'rate')

function expectNear(aggregate: Aggregate, value: Value, { rows }: ExpectedGroup): void {
  const column = Object.values(aggregate)[0] as string
  const present = rows.map((row) => row[column] as Value).filter((one) => one !== null)
  if ('countDistinct' in aggregate) {
    const exact = new Set(present.map((one) => (column === 'rate' ? String(units(one)) : one))).size
    expect(Math.abs((value as number) - exact)).toBeLessThanOrEqual(0.05 * exact)
  } else if ('percentile' in aggregate && present.length > 0) {
    const numbers = present.map(Number).toSorted((a, b) => a - b)
    const [rank, error] = [aggregate.at * numbers.length, Math.max(2, 0.01 * numbers.length)]
    const neighbours = [
      numbers.findLast((one) => one <= (value as number)),
      numbers.find((one) => one >= (value as number)),
    ]
    const isNear = (number: number) => {
      const below = numbers.filter((one) => one < number).length
      const upTo = numbers.filter((one) => one <= number).length
      return below <= rank + error && upTo >= rank - error
    }
    expect(
      neighbours.some((number) => number !== undefined && isNear(number)),
      'a percentile',
    ).toBe(true)
  }
}
