import { groupedColumn } from '../columns.ts'
import type { PlannedGroup } from '../groups.ts'
import type { SummarizePlan } from '../plan.ts'
import type { Aggregated } from './aggregates.ts'
import { queryField } from './fields.ts'
import type { FoundGroup, MakeGroup } from './found-group.ts'
import { type BucketKey, groupValue } from './group-value.ts'

type Bucket = Aggregated & { doc_count: number }

/** What the engine answers to {@link largestAggregation}. */
export interface TermsAnswer {
  groups: { buckets: (Bucket & BucketKey)[]; doc_count_error_upper_bound: number; sum_other_doc_count: number }
  withoutValue: Bucket
}

/** Whether the engine itself finds the first groups, however many there are: the largest ones of one column. */
export const isLargest = ({ groups, order, having }: SummarizePlan): boolean =>
  groups.length === 1 &&
  !groups[0]?.calendar &&
  !groups[0]?.ranges &&
  order.by === 'count' &&
  order.descending &&
  having.length === 0

/** The groups with the largest counts. */
export function largestAggregation({ groups, limit }: SummarizePlan, aggs: object): object {
  const field = queryField((groups[0] as PlannedGroup).column)
  const terms = { field, size: limit, order: [{ _count: 'desc' }, { _key: 'asc' }] }
  return { groups: { terms, aggs }, withoutValue: { missing: { field }, aggs } }
}

/** The group of rows without a value comes after those of the same count, as SQL puts it. */
export function largestGroups(
  { groups }: SummarizePlan,
  { groups: { buckets, ...terms }, withoutValue }: TermsAnswer,
  make: MakeGroup,
): { groups: FoundGroup[]; uncertain: boolean; more: boolean } {
  const column = groupedColumn((groups[0] as PlannedGroup).column)
  const found = buckets.map((bucket) => make([groupValue(column, bucket)], bucket.doc_count, bucket))
  const facts = { uncertain: terms.doc_count_error_upper_bound !== 0, more: terms.sum_other_doc_count > 0 }
  if (withoutValue.doc_count === 0) return { ...facts, groups: found }
  const place = found.filter(({ count }) => count >= withoutValue.doc_count).length
  return { ...facts, groups: found.toSpliced(place, 0, make([null], withoutValue.doc_count, withoutValue)) }
}
