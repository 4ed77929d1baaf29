import type { Client } from '@opensearch-project/opensearch'
import type { Column } from '../../definition.ts'
import type { Value } from '../../encoding.ts'
import { TrifoldError } from '../../errors.ts'
import { groupedColumn } from '../columns.ts'
import { planSummarize, type SummarizePlan } from '../plan.ts'
import type { Checked } from '../reader.ts'
import type { Summary } from '../request.ts'
import { ask, type ReadIndex, refuseTextWithoutColumns } from './ask.ts'
import { queryClause } from './filter.ts'
import { groupValue } from './group-value.ts'
import { type EngineStats, summed } from './summed.ts'

interface Bucket {
  doc_count: number
  stats?: EngineStats
}

interface Answer {
  hits: { total: { value: number } }
  aggregations?: {
    stats?: EngineStats
    groups?: {
      buckets: (Bucket & { key: unknown; key_as_string?: string })[]
      doc_count_error_upper_bound: number
      sum_other_doc_count: number
    }
    withoutValue?: Bucket
  }
}

type Group = Summary['groups'][number] & { exact: boolean }

/**
 * Checks a request to summarize: count and sum, in groups where asked. A count without groups is exact. Groups over
 * several shards and sums may be approximate, which the answer says: the engine adds doubles, so a sum is exact while
 * count · largest value stays below 2^50 in units of the column's last decimal, and cannot be vouched for where a
 * `numeric` column has no scale.
 *
 * @throws QUERY_INVALID, TOKEN_INVALID; QUERY_UNSUPPORTED for groups of times with microseconds, which the engine merges
 * by the millisecond; the answer VALUE_INVALID where a sum of whole numbers is beyond 2^53, SEARCH_FAILED,
 * SEARCH_UNREACHABLE
 */
export function checkSummarizeInIndex(client: Client, source: ReadIndex, request: unknown): Checked<Summary> {
  const plan = planSummarize(source.definition, request)
  refuseTextWithoutColumns(source, plan.text)
  refuseMicroseconds(source, plan.group)
  return { wait: plan.wait, answer: () => summarizeInIndex(client, source, plan) }
}

async function summarizeInIndex(client: Client, source: ReadIndex, plan: SummarizePlan): Promise<Summary> {
  const answer = await ask<Answer>(client, source, searchJson(source, plan), source.target)
  const groups = groupsOf(plan, answer)
  const terms = answer.aggregations?.groups
  const uncertain = (terms?.doc_count_error_upper_bound ?? 0) !== 0 || (terms?.sum_other_doc_count ?? 0) > 0
  const shown = groups.slice(0, plan.limit)
  return {
    groups: shown.map(({ group, count, sum }) => ({ group, count, sum })),
    approximate: uncertain || groups.length > plan.limit || shown.some(({ exact }) => !exact),
    target: source.target,
  }
}

function searchJson(source: ReadIndex, plan: SummarizePlan): string {
  const sums = plan.sum ? { stats: { stats: { field: plan.sum.name } } } : {}
  return JSON.stringify({
    size: 0,
    track_total_hits: true,
    query: queryClause(source, plan.conditions, plan.text),
    aggs: plan.group ? groupAggregations(plan.group.name, plan.limit, sums) : sums,
  })
}

function groupAggregations(field: string, size: number, aggs: object): object {
  return {
    groups: { terms: { field, size, order: [{ _count: 'desc' }, { _key: 'asc' }] }, aggs },
    withoutValue: { missing: { field }, aggs },
  }
}

/** The group of rows without a value stands behind those of the same count, as SQL puts it. */
function groupsOf({ group, sum }: SummarizePlan, { hits, aggregations = {} }: Answer): Group[] {
  if (!group) return [groupOf(sum, null, hits.total.value, aggregations.stats)]
  const buckets = aggregations.groups?.buckets ?? []
  const groups = buckets.map((bucket) =>
    groupOf(sum, groupValue(groupedColumn(group), bucket), bucket.doc_count, bucket.stats),
  )
  const missing = aggregations.withoutValue
  if (!missing?.doc_count) return groups
  const place = groups.filter(({ count }) => count >= missing.doc_count).length
  return groups.toSpliced(place, 0, groupOf(sum, null, missing.doc_count, missing.stats))
}

function groupOf(column: Column | undefined, group: Value, count: number, stats: EngineStats | undefined): Group {
  return { group, count, ...(column && stats ? summed(column, stats) : { sum: null, exact: true }) }
}

function refuseMicroseconds(source: ReadIndex, group: Column | undefined): void {
  if (group?.encoding.mapping.type !== 'date_nanos') return
  const [other] = source.alternatives ?? []
  const advice = other ? `ask ${other}` : 'group by a date column, or configure a table or view target'
  throw new TrifoldError(
    'QUERY_UNSUPPORTED',
    `query: ${source.target} cannot group by ${group.name}: OpenSearch merges times of one millisecond; ${advice}`,
    { details: { target: source.target, alternatives: source.alternatives ?? [] } },
  )
}
