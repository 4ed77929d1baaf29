import type { Column } from '../../definition.ts'
import { plainDecimal } from '../../encoding/decimal.ts'
import type { Value } from '../../encoding.ts'
import type { PlannedAggregate } from '../aggregates.ts'
import { averageDecimals, averageValue, quotient } from '../average.ts'
import type { SummarizePlan } from '../plan.ts'
import { queryField, rowOfDocument, sourceOf } from './fields.ts'
import { type EngineStats, refuseBeyondDouble, summed } from './summed.ts'

/** What the engine answers to {@link aggregationsOf}, by name. */
export type Aggregated = Record<string, unknown>

/**
 * How exactly the engine estimates. It counts up to `distinct` different values nearly exactly, in 8 bytes each; a centroid of
 * a t-digest holds at most 4·N·q(1-q)/compression values, at the median 0.1 % or 0.5 % of them. Both take memory for each
 * group and shard.
 */
interface Precision {
  distinct: number
  compression: number
}
const ofAll: Precision = { distinct: 40_000, compression: 1_000 }
const ofGroups: Precision = { distinct: 3_000, compression: 200 }

/** What the engine is asked for the aggregates; numbers that a double does not hold are only counted. */
export function aggregationsOf({ aggregates, groups }: Pick<SummarizePlan, 'aggregates' | 'groups'>): object {
  const precision = groups.length === 0 ? ofAll : ofGroups
  return Object.assign({}, ...aggregates.map((one, place) => aggregationOf(one, place, precision)))
}

function aggregationOf(
  { function: used, column, at }: PlannedAggregate,
  place: number,
  { distinct, compression }: Precision,
): object {
  const field = queryField(column)
  const [name, values] = [nameOf(place), valuesOf(place)]
  const counted = { [values]: { value_count: { field } } }
  switch (used) {
    case 'count':
      return counted
    case 'countDistinct':
      return { [name]: { cardinality: { field, precision_threshold: distinct } } }
    case 'sum':
    case 'avg':
      return { ...counted, [name]: { stats: { field: column.name } } }
    case 'percentile':
      return { ...counted, ...heldOf(place, column), [name]: percentileOf(column, at as number, compression) }
    default:
      return { [name]: firstOf(column, used === 'min' ? 'asc' : 'desc') }
  }
}

const percentileOf = (column: Column, at: number, compression: number): object => ({
  percentiles: { field: column.name, percents: [at * 100], keyed: false, tdigest: { compression } },
})

/** How many values a column's own field holds. */
const heldOf = (place: number, column: Column): object => ({
  [`held${place}`]: { value_count: { field: column.name } },
})

/** The document with the smallest or largest value. The engine sorts one without a value like the largest that the field holds. */
function firstOf(column: Column, order: 'asc' | 'desc'): object {
  const field = queryField(column)
  const first = { size: 1, sort: [{ [field]: order }], _source: sourceOf([column]) }
  return { filter: { exists: { field } }, aggs: { first: { top_hits: first } } }
}

const nameOf = (place: number): string => `of${place}`
const valuesOf = (place: number): string => `values${place}`

interface Numbers {
  [name: string]: { value: number } | undefined
}

/**
 * The value of an aggregate, and whether it is exact.
 *
 * @throws QUERY_UNSUPPORTED if a double does not hold some of the numbers, VALUE_INVALID for a sum of whole numbers beyond 2^53
 */
export function computed(
  aggregate: PlannedAggregate,
  place: number,
  answer: Aggregated,
): { value: Value; exact: boolean } {
  const { function: used, column } = aggregate
  const values = (answer as Numbers)[valuesOf(place)]?.value ?? 0
  const own = answer[nameOf(place)]
  switch (used) {
    case 'count':
      return { value: values, exact: true }
    case 'countDistinct':
      return distinct((own as { value: number }).value)
    case 'sum': {
      const { sum, exact } = summed(column, own as EngineStats, values)
      return { value: sum, exact }
    }
    case 'avg':
      return average(column, own as EngineStats, values)
    case 'percentile':
      refuseBeyondDouble(column, values, (answer as Numbers)[`held${place}`]?.value ?? 0)
      return share((own as { values: { value: number | null }[] }).values[0]?.value ?? null)
    default:
      return { value: firstValue(column, own as First), exact: true }
  }
}

/** Estimated, unless there is nothing. */
const distinct = (value: number): { value: Value; exact: boolean } => ({ value, exact: value === 0 })
const share = (value: number | null): { value: Value; exact: boolean } => ({ value, exact: value === null })

function average(column: Column, stats: EngineStats, values: number): { value: Value; exact: boolean } {
  const { sum, exact } = summed(column, stats, values)
  if (sum === null) return { value: null, exact }
  const decimals = averageDecimals(column)
  if (decimals === undefined) return { value: Number(sum) / values, exact }
  return { value: averageValue(column, quotient(plainText(sum), values, decimals)), exact }
}

const plainText = (sum: Value): string => (typeof sum === 'number' ? plainDecimal(sum) : String(sum))

interface First {
  first: { hits: { hits: { _source: Record<string, unknown> }[] } }
}

function firstValue(column: Column, { first: { hits } }: First): Value {
  const [first] = hits.hits
  return first ? (rowOfDocument([column], first._source)[column.name] ?? null) : null
}
