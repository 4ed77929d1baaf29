import type { Value } from '../../encoding.ts'
import { groupedColumn } from '../columns.ts'
import type { PlannedGroup } from '../groups.ts'
import type { SummarizePlan } from '../plan.ts'
import { unsupported } from '../unsupported.ts'
import type { Aggregated } from './aggregates.ts'
import type { ReadIndex } from './ask.ts'
import { beyondCalendar, calendarSource, calendarValue, isCalendar } from './calendar.ts'
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

/** Groups of one answer. */
const groupsPerPage = 10_000

type Bucket = Aggregated & { key: Record<string, unknown>; doc_count: number }

/** Buckets, and the key behind which the next ones are. */
interface Buckets {
  buckets: Bucket[]
  after_key?: object
}

/** What the engine answers to {@link allGroupsAggregation}: in each combination of ranges the groups of the other terms. */
export interface AllGroupsAnswer {
  [untold: `untold${number}`]: { doc_count: number }
}

/** How a page of groups is asked for. */
export interface GroupPage {
  /** Whether times are put in the calendar by a script: the engine's own calendar does not know all of them. */
  isScripted: boolean
  /** The key behind which the page begins; undefined for the first. */
  after?: object | undefined
}

/**
 * All groups, exact over any number of shards, and how many times the engine's own calendar does not know.
 *
 * @throws QUERY_UNSUPPORTED for too many combinations of ranges
 */
export function allGroupsAggregation(
  source: ReadIndex,
  plan: SummarizePlan,
  aggs: object,
  { isScripted, after }: GroupPage,
): object {
  const { groups, order } = plan
  refuseManyRanges(source, plan)
  const all = combinations(plan)
  const more = {
    order: order.by === 'group' && order.descending ? 'desc' : 'asc',
    missing_bucket: true,
    missing_order: 'last',
  }
  const sources = groups.flatMap((group, place) =>
    isRanged(group) ? [] : [{ [place]: withMore(sourceOf(group, isScripted), more) }],
  )
  const composite = { size: sizeOf(plan, all), sources, ...(after && { after }) }
  const untold = groups.flatMap((group, place) =>
    isCalendar(group) && !isScripted ? [[`untold${place}`, { filter: beyondCalendar(group) }] as const] : [],
  )
  const inner = sources.length > 0 ? { groups: { composite, aggs } } : aggs
  return { ...inCombinations(all, inner), ...Object.fromEntries(untold) }
}

/** Whether the first groups of the engine are those that are asked for: in the order of their values, of which none is left out. */
const isFirstEnough = ({ order, having }: SummarizePlan, all: readonly Combination[]): boolean =>
  order.by === 'group' && having.length === 0 && all.length === 1

/** One more shows whether there are more. */
const sizeOf = (plan: SummarizePlan, all: readonly Combination[]): number =>
  (isFirstEnough(plan, all) ? plan.limit : mostInEach(all, groupsPerPage)) + 1

const sourceOf = (group: PlannedGroup, isScripted: boolean): object =>
  isCalendar(group) ? calendarSource(group, isScripted) : { terms: { field: queryField(group.column) } }

const withMore = (source: object, more: object): object =>
  Object.fromEntries(Object.entries(source).map(([kind, one]) => [kind, { ...one, ...more }]))

/** Whether the answer lacks times that the engine's own calendar does not know. */
export const isUntold = ({ groups }: SummarizePlan, answer: AllGroupsAnswer): boolean =>
  groups.some((_, place) => (answer[`untold${place}`]?.doc_count ?? 0) > 0)

/**
 * The key behind which further groups are that are wanted.
 *
 * @throws QUERY_UNSUPPORTED if there are some in a combination of ranges
 */
export function nextPage(source: ReadIndex, plan: SummarizePlan, answer: AllGroupsAnswer): object | undefined {
  const all = combinations(plan)
  const size = sizeOf(plan, all)
  const full = answersIn(all, answer)
    .map((one) => (one as { groups?: Buckets }).groups)
    .find((groups) => groups !== undefined && groups.buckets.length >= size)
  if (!full || isFirstEnough(plan, all)) return undefined
  if (all.length === 1) return full.after_key
  throw unsupported(
    source,
    `orders and chooses from at most ${size - 1} groups of each combination of ranges, and finds more`,
    'narrow the request',
  )
}

/** A bucket, and the combination of ranges that it is of. */
interface Part extends Bucket {
  ranges: Combination['values']
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

/** Every bucket with rows. */
function partsOf(plan: SummarizePlan, answer: AllGroupsAnswer): Part[] {
  const all = combinations(plan)
  return answersIn(all, answer).flatMap((one, number) => {
    const part = one as Bucket & { groups?: Buckets }
    const ranges = (all[number] as Combination).values
    const buckets = part.groups?.buckets ?? [{ ...part, key: {} }]
    return buckets.filter(({ doc_count }) => doc_count > 0).map((bucket) => ({ ...bucket, ranges }))
  })
}

/**
 * In the order that was asked for if it is that of the values, else in ascending order; those without a value last.
 *
 * @param answers the pages
 * @throws QUERY_UNSUPPORTED if some cannot be ordered, naming a target that can
 */
export function allGroups(
  source: ReadIndex,
  plan: SummarizePlan,
  answers: readonly AllGroupsAnswer[],
  make: MakeGroup,
): FoundGroup[] {
  const parts = answers.flatMap((answer) => partsOf(plan, answer))
  refuseCut(source, plan, parts)
  const found = parts.map(({ ranges, ...bucket }) => {
    const values = plan.groups.map((group, place) => ranges.get(place) ?? bucketValue(group, bucket.key[place]))
    return make(values, bucket.doc_count, bucket)
  })
  return plan.groups.some(isRanged) ? byValues(plan, found) : found
}

function bucketValue(group: PlannedGroup, key: unknown): Value {
  if (key === null || key === undefined) return null
  return isCalendar(group) ? calendarValue(group, key) : groupValue(groupedColumn(group.column), { key })
}
