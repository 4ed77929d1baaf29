import type { Value } from '../../encoding.ts'
import { groupedColumn } from '../columns.ts'
import type { PlannedGroup } from '../groups.ts'
import type { SummarizePlan } from '../plan.ts'
import { unsupported } from '../unsupported.ts'
import type { Aggregated } from './aggregates.ts'
import type { ReadIndex } from './ask.ts'
import { queryField } from './fields.ts'
import type { FoundGroup, MakeGroup } from './found-group.ts'
import { groupValue, isCut } from './group-value.ts'

/** Most groups that are read to be ordered and chosen here. */
const mostGroups = 10_000

/** What the engine answers to {@link allGroupsAggregation}. */
export interface CompositeAnswer {
  groups: { buckets: (Aggregated & { key: Record<string, unknown>; doc_count: number })[] }
  [untold: `untold${number}`]: { doc_count: number }
}

/** All groups, exact over any number of shards, and how many times a field of the engine does not hold. */
export function allGroupsAggregation({ groups, order }: SummarizePlan, aggs: object): object {
  const direction = order.by === 'group' && order.descending ? 'desc' : 'asc'
  const sources = groups.map((group, place) => ({ [place]: sourceOf(group, direction) }))
  const composite = { size: mostGroups + 1, sources }
  const untold = groups.flatMap((group, place) =>
    group.calendar ? [[`untold${place}`, { filter: beyondOf(group) }] as const] : [],
  )
  return { groups: { composite, aggs }, ...Object.fromEntries(untold) }
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

/** @throws QUERY_UNSUPPORTED if not all groups have been read, or some cannot be found or ordered, naming a target that can */
export function refuseUntold(source: ReadIndex, plan: SummarizePlan, answer: CompositeAnswer): void {
  const { buckets } = answer.groups
  if (buckets.length > mostGroups)
    throw unsupported(
      source,
      `orders and chooses from at most ${mostGroups} groups, and finds more`,
      'narrow the request',
    )
  for (const [place, { column, calendar }] of plan.groups.entries()) {
    if (calendar && answer[`untold${place}`]?.doc_count !== 0)
      throw unsupported(
        source,
        `cannot group ${column.name} by ${calendar.interval}: some of its values lie before 1970 or after 2262`,
        'narrow the request',
      )
    if (plan.order.by === 'group' && buckets.some(({ key }) => isCut(column, key[place] as Value)))
      throw unsupported(
        source,
        `cannot order groups of ${column.name} by texts of more than 32,000 bytes`,
        'sort by count',
      )
  }
}

/** In the order that was asked for if it is that of the values, else in ascending order; those without a value last. */
export const allGroups = ({ groups }: SummarizePlan, answer: CompositeAnswer, make: MakeGroup): FoundGroup[] =>
  answer.groups.buckets.map((bucket) => {
    const values = groups.map((group, place) => bucketValue(group, bucket.key[place]))
    return make(values, bucket.doc_count, bucket)
  })

function bucketValue({ column, calendar }: PlannedGroup, key: unknown): Value {
  if (key === null || key === undefined) return null
  return calendar ? (key as string) : groupValue(groupedColumn(column), { key })
}
