import type { Client } from '@opensearch-project/opensearch'
import type { Column } from '../../definition.ts'
import type { Value } from '../../encoding.ts'
import { groupedColumn } from '../columns.ts'
import { planSummarize, type SummarizePlan } from '../plan.ts'
import type { Checked } from '../reader.ts'
import type { Summary } from '../request.ts'
import { ask, type ReadIndex, refuseText } from './ask.ts'
import { queryField } from './fields.ts'
import { queryClause } from './filter.ts'
import { inOrder, isByLargestCount, mostOrdered, refuseUnordered } from './group-order.ts'
import { type BucketKey, groupValue, wholeText } from './group-value.ts'
import { type EngineStats, summed } from './summed.ts'

interface Sums {
  stats?: EngineStats
  values?: { value: number }
}

interface Bucket extends Sums {
  doc_count: number
}

interface Answer {
  hits: { total: { value: number } }
  aggregations?: Sums & {
    groups?: {
      buckets: (Bucket & BucketKey)[]
      doc_count_error_upper_bound: number
      sum_other_doc_count: number
    }
    withoutValue?: Bucket
  }
}

type Group = Summary['groups'][number] & { exact: boolean }

/**
 * Checks a request to summarize: count and sum, in groups if asked. A count without groups is exact. Groups over
 * several shards and sums may be approximate, which the answer says: the engine adds doubles, so a sum is exact while
 * count · largest value stays below 2^50 in units of the column's last decimal, and cannot be vouched for if a
 * `numeric` column has no scale.
 *
 * @throws QUERY_INVALID, TOKEN_INVALID; the answer QUERY_UNSUPPORTED for a sum of numbers that a double does not hold,
 * VALUE_INVALID for a sum of whole numbers beyond 2^53, SEARCH_FAILED, SEARCH_UNREACHABLE
 */
export function checkSummarizeInIndex(client: Client, source: ReadIndex, request: unknown): Checked<Summary> {
  const plan = planSummarize(source.definition, request)
  refuseText(source, plan.text)
  return { wait: plan.wait, answer: () => summarizeInIndex(client, source, plan) }
}

async function summarizeInIndex(client: Client, source: ReadIndex, plan: SummarizePlan): Promise<Summary> {
  const answer = await ask<Answer>(client, source, {
    body: searchJson(source, plan),
    preference: source.target,
    deadline: plan.deadline,
  })
  const terms = answer.aggregations?.groups
  if (!isByLargestCount(plan)) refuseUnordered(source, plan, terms)
  const groups = groupsOf(plan, answer)
  const uncertain = (terms?.doc_count_error_upper_bound ?? 0) !== 0 || (terms?.sum_other_doc_count ?? 0) > 0
  const shown = groups.slice(0, plan.limit)
  const whole = (group: Value) => (plan.group ? wholeText(client, source, plan.group, group, plan.deadline) : group)
  return {
    groups: await Promise.all(shown.map(async ({ group, count, sum }) => ({ group: await whole(group), count, sum }))),
    approximate:
      uncertain || groups.length > plan.limit || (plan.order.by === 'sum' ? groups : shown).some(({ exact }) => !exact),
    target: source.target,
  }
}

function searchJson(source: ReadIndex, plan: SummarizePlan): string {
  const sums = plan.sum ? sumAggregations(plan.sum) : {}
  return JSON.stringify({
    size: 0,
    track_total_hits: true,
    query: queryClause(source, plan.conditions, plan.text),
    aggs: plan.group ? groupAggregations(plan, queryField(plan.group), sums) : sums,
  })
}

/** Numbers that a double does not hold are only counted. */
const sumAggregations = (column: Column): object => ({
  stats: { stats: { field: column.name } },
  values: { value_count: { field: queryField(column) } },
})

/** In another order than that of the counts every group is read: a shard does not know which of its groups come first. */
function groupAggregations(plan: SummarizePlan, field: string, aggs: object): object {
  const terms = isByLargestCount(plan)
    ? { field, size: plan.limit, order: [{ _count: 'desc' }, { _key: 'asc' }] }
    : { field, size: mostOrdered, order: { _key: 'asc' } }
  return {
    groups: { terms, aggs },
    withoutValue: { missing: { field }, aggs },
  }
}

/** The group of rows without a value comes after those of the same count, as SQL puts it. */
function groupsOf(plan: SummarizePlan, { hits, aggregations = {} }: Answer): Group[] {
  const { group, sum } = plan
  if (!group) return [groupOf(sum, null, hits.total.value, aggregations)]
  const buckets = aggregations.groups?.buckets ?? []
  const groups = buckets.map((bucket) =>
    groupOf(sum, groupValue(groupedColumn(group), bucket), bucket.doc_count, bucket),
  )
  const missing = aggregations.withoutValue
  if (!isByLargestCount(plan)) {
    const last = missing?.doc_count ? [groupOf(sum, null, missing.doc_count, missing)] : []
    return inOrder(plan.order, [...groups, ...last])
  }
  if (!missing?.doc_count) return groups
  const place = groups.filter(({ count }) => count >= missing.doc_count).length
  return groups.toSpliced(place, 0, groupOf(sum, null, missing.doc_count, missing))
}

function groupOf(column: Column | undefined, group: Value, count: number, { stats, values }: Sums): Group {
  if (!column || !stats) return { group, count, sum: null, exact: true }
  return { group, count, ...summed(column, stats, values?.value ?? stats.count) }
}
