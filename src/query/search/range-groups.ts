import type { Value } from '../../encoding.ts'
import type { PlannedGroup } from '../groups.ts'
import type { SummarizePlan } from '../plan.ts'
import { rangeBehind } from '../ranges.ts'
import { unsupported } from '../unsupported.ts'
import type { ReadIndex } from './ask.ts'
import { queryField, queryValue } from './fields.ts'

/** Most combinations of ranges: each is a filter, and takes memory for its aggregates, with or without rows. */
const mostCombinations = 500

/** Most groups of the other terms in all combinations together. */
const mostTogether = 100_000

type Ranged = PlannedGroup & { ranges: Value[] }

/** One range, or the lack of a value, and the condition on its rows. */
interface Range {
  value: Value
  filter: object
}

/** One range of each term that has some. */
export interface Combination {
  /** By the place of the term. */
  values: ReadonlyMap<number, Value>
  filters: object[]
}

/** Every combination of ranges, in the order of the terms; a single empty one if no term has ranges. */
export const combinations = ({ groups }: Pick<SummarizePlan, 'groups'>): Combination[] =>
  [...groups.entries()].reduce<Combination[]>(
    (all, [place, group]) =>
      isRanged(group)
        ? all.flatMap(({ values, filters }) =>
            rangesOf(group).map(({ value, filter }) => ({
              values: new Map([...values, [place, value]]),
              filters: [...filters, filter],
            })),
          )
        : all,
    [{ values: new Map(), filters: [] }],
  )

export const isRanged = (group: PlannedGroup): group is Ranged => group.ranges !== undefined

/** The conditions of `where` on the same field: they compare exactly. */
function rangesOf({ column, ranges }: Ranged): Range[] {
  const field = queryField(column)
  const bounds = ranges.map((bound) => queryValue(column, bound))
  const within = [...bounds, undefined].map((upper, place) => ({
    value: rangeBehind(ranges, place),
    filter: {
      range: { [field]: { ...(place > 0 && { gte: bounds[place - 1] }), ...(upper !== undefined && { lt: upper }) } },
    },
  }))
  return [...within, { value: null, filter: { bool: { must_not: [{ exists: { field } }] } } }]
}

/** @throws QUERY_UNSUPPORTED */
export function refuseManyRanges(source: ReadIndex, { groups }: Pick<SummarizePlan, 'groups'>): void {
  const count = groups.reduce((product, { ranges }) => product * (ranges ? ranges.length + 2 : 1), 1)
  if (count <= mostCombinations) return
  throw unsupported(
    source,
    `takes at most ${mostCombinations} combinations of ranges, not ${count}`,
    'give fewer bounds',
  )
}

/** How many groups of the other terms each combination may have, of at most so many. */
export const mostInEach = (all: readonly Combination[], most: number): number =>
  Math.min(most, Math.floor(mostTogether / all.length))

/** The same aggregations in every combination. */
export const inCombinations = (all: readonly Combination[], aggs: object): object =>
  all.length === 1
    ? aggs
    : Object.fromEntries(
        all.map(({ filters }, number) => [nameOf(number), { filter: { bool: { filter: filters } }, aggs }]),
      )

/** The answer to the aggregations of each combination. */
export const answersIn = (all: readonly Combination[], answer: object): object[] =>
  all.length === 1 ? [answer] : all.map((_, number) => (answer as Record<string, object>)[nameOf(number)] as object)

const nameOf = (number: number): string => `ranges${number}`
