import type { Value } from '../../encoding.ts'
import { groupedColumn } from '../columns.ts'
import type { PlannedGroup } from '../groups.ts'
import type { SummarizePlan } from '../plan.ts'
import { unsupported } from '../unsupported.ts'
import type { Aggregated } from './aggregates.ts'
import type { ReadIndex } from './ask.ts'
import { queryField } from './fields.ts'
import type { FoundGroup, MakeGroup } from './found-group.ts'
import { byValues } from './group-order.ts'
import { groupValue, isCut } from './group-value.ts'
import {
  answersIn,
  type Combination,
  combinations,
  inCombinations,
  isRanged,
  mostInEach,
  refuseManyRanges,
} from './range-groups.ts'

/** Most groups that are read to be ordered and chosen here. */
const mostGroups = 10_000

type Bucket = Aggregated & { key: Record<string, unknown>; doc_count: number }

/** What the engine answers to {@link allGroupsAggregation}: in each combination of ranges the groups of the other terms. */
export interface AllGroupsAnswer {
  [untold: `untold${number}`]: { doc_count: number }
}

/**
 * All groups, exact over any number of shards, and how many times a field of the engine does not hold.
 *
 * @throws QUERY_UNSUPPORTED for too many combinations of ranges
 */
export function allGroupsAggregation(source: ReadIndex, plan: SummarizePlan, aggs: object): object {
  const { groups, order } = plan
  refuseManyRanges(source, plan)
  const all = combinations(plan)
  const direction = order.by === 'group' && order.descending ? 'desc' : 'asc'
  const sources = groups.flatMap((group, place) => (isRanged(group) ? [] : [{ [place]: sourceOf(group, direction) }]))
  const composite = { size: mostInEach(all, mostGroups) + 1, sources }
  const untold = groups.flatMap((group, place) =>
    group.calendar ? [[`untold${place}`, { filter: beyondOf(group) }] as const] : [],
  )
  const inner = sources.length > 0 ? { groups: { composite, aggs } } : aggs
  return { ...inCombinations(all, inner), ...Object.fromEntries(untold) }
}

function sourceOf({ column, calendar }: PlannedGroup, order: 'asc' | 'desc'): object {
  const more = { order, missing_bucket: true, missing_order: 'last' }
  if (!calendar) return { terms: { field: queryField(column), ...more } }
  const zone = calendar.timeZone && { time_zone: calendar.timeZone }
  const histogram = { field: column.name, calendar_interval: calendar.interval, format: 'yyyy-MM-dd', ...zone, ...more }
  return { date_histogram: histogram }
}

/** Times that the engine cannot put in the calendar: those with nanoseconds begin with 1970. */
const beyondOf = ({ column }: PlannedGroup): object => ({
  bool: { filter: [{ exists: { field: queryField(column) } }], must_not: [{ exists: { field: column.name } }] },
})

/** A bucket, and the combination of ranges that it is of. */
interface Part extends Bucket {
  ranges: Combination['values']
}

/** @throws QUERY_UNSUPPORTED if some times cannot be found, naming a target that can */
function refuseUntold(source: ReadIndex, { groups }: SummarizePlan, answer: AllGroupsAnswer): void {
  for (const [place, { column, calendar }] of groups.entries())
    if (calendar && answer[`untold${place}`]?.doc_count !== 0)
      throw unsupported(
        source,
        `cannot group ${column.name} by ${calendar.interval}: some of its values lie before 1970 or after 2262`,
        'narrow the request',
      )
}

/** @throws QUERY_UNSUPPORTED if texts that are cut cannot be ordered */
function refuseCut(source: ReadIndex, { groups, order }: SummarizePlan, parts: readonly Part[]): void {
  const cut = groups.find(({ column }, place) => parts.some(({ key }) => isCut(column, key[place] as Value)))
  if (order.by !== 'group' || !cut) return
  throw unsupported(
    source,
    `cannot order groups of ${cut.column.name} by texts of more than 32,000 bytes`,
    'sort by count',
  )
}

/** Every bucket with rows. @throws QUERY_UNSUPPORTED if not all have been read */
function partsOf(source: ReadIndex, plan: SummarizePlan, answer: AllGroupsAnswer): Part[] {
  const all = combinations(plan)
  const most = mostInEach(all, mostGroups)
  return answersIn(all, answer).flatMap((one, number) => {
    const part = one as Bucket & { groups?: { buckets: Bucket[] } }
    const ranges = (all[number] as Combination).values
    const buckets = part.groups?.buckets ?? [{ ...part, key: {} }]
    if (buckets.length <= most)
      return buckets.filter(({ doc_count }) => doc_count > 0).map((bucket) => ({ ...bucket, ranges }))
    const groups = all.length > 1 ? `${most} groups of each combination of ranges` : `${most} groups`
    throw unsupported(source, `orders and chooses from at most ${groups}, and finds more`, 'narrow the request')
  })
}

/**
 * In the order that was asked for if it is that of the values, else in ascending order; those without a value last.
 *
 * @throws QUERY_UNSUPPORTED if not all groups have been read, or some cannot be found or ordered, naming a target that can
 */
export function allGroups(
  source: ReadIndex,
  plan: SummarizePlan,
  answer: AllGroupsAnswer,
  make: MakeGroup,
): FoundGroup[] {
  const parts = partsOf(source, plan, answer)
  refuseUntold(source, plan, answer)
  refuseCut(source, plan, parts)
  const found = parts.map(({ ranges, ...bucket }) => {
    const values = plan.groups.map((group, place) => ranges.get(place) ?? bucketValue(group, bucket.key[place]))
    return make(values, bucket.doc_count, bucket)
  })
  return plan.groups.some(isRanged) ? byValues(plan, found) : found
}

function bucketValue({ column, calendar }: PlannedGroup, key: unknown): Value {
  if (key === null || key === undefined) return null
  return calendar ? (key as string) : groupValue(groupedColumn(column), { key })
}
