import type { Client } from '@opensearch-project/opensearch'
import type { Value } from '../../encoding.ts'
import { groupEntry } from '../group-entry.ts'
import type { PlannedGroup } from '../groups.ts'
import { planSummarize, type SummarizePlan } from '../plan.ts'
import type { Checked } from '../reader.ts'
import { withSteps } from '../steps.ts'
import type { Summary } from '../summary.ts'
import { type Aggregated, aggregationsOf, computed } from './aggregates.ts'
import { type AllGroupsAnswer, allGroups, allGroupsAggregation } from './all-groups.ts'
import { ask, type ReadIndex, refuseText } from './ask.ts'
import { queryClause } from './filter.ts'
import { asForgiven } from './forgiveness.ts'
import type { FoundGroup, MakeGroup } from './found-group.ts'
import { inOrder, isKept } from './group-order.ts'
import { groupPages } from './group-pages.ts'
import { wholeText } from './group-value.ts'
import { isLargest, largestAggregation, largestGroups, type TermsAnswer } from './largest-groups.ts'
import type { PointInTime } from './point-in-time.ts'

interface Answer {
  hits: { total: { value: number } }
  aggregations?: Aggregated
}

/**
 * Checks a request to summarize: count and aggregates, in groups if asked. A count without groups is exact. Groups over
 * several shards and sums may be approximate, which the answer says: the engine adds doubles, so a sum is exact while
 * count · largest value stays below 2^50 in units of the column's last decimal, and cannot be vouched for if a
 * `numeric` column has no scale.
 *
 * @throws QUERY_INVALID, TOKEN_INVALID; the answer QUERY_UNSUPPORTED for a sum of numbers that a double does not hold,
 * VALUE_INVALID for a sum of whole numbers beyond 2^53, SEARCH_FAILED, SEARCH_UNREACHABLE
 */
export function checkSummarizeInIndex(client: Client, source: ReadIndex, request: unknown): Checked<Summary> {
  const plan = planSummarize(source, request)
  refuseText(source, plan.text)
  const summarize = (one: SummarizePlan) => summarizeInIndex(client, source, one)
  return { wait: plan.wait, answer: async () => summarize(await withSteps(plan, summarize)) }
}

async function summarizeInIndex(client: Client, source: ReadIndex, asked: SummarizePlan): Promise<Summary> {
  const plan = await asForgiven(client, source, asked)
  const { groups, uncertain, more } = await foundGroups(client, source, plan)
  const shown = groups.slice(0, plan.limit)
  const orders = typeof plan.order.by === 'object' || plan.having.length > 0
  const whole = (value: Value, place: number) =>
    wholeText(client, source, (plan.groups[place] as PlannedGroup).column, value, plan.deadline)
  return {
    groups: await Promise.all(
      shown.map(async (group) => groupEntry(plan, { ...group, values: await Promise.all(group.values.map(whole)) })),
    ),
    more: more || groups.length > plan.limit,
    approximate: uncertain || (orders ? groups : shown).some(({ exact }) => !exact),
    target: source.target,
  }
}

/** Asks for aggregations beside the count of all rows. */
const askFor = (
  client: Client,
  source: ReadIndex,
  plan: SummarizePlan,
  aggs: object,
  { deadline = plan.deadline, pit }: { deadline?: number; pit?: PointInTime | undefined } = {},
): Promise<Answer> => {
  const query = queryClause(source, plan.conditions, plan.text)
  const body = JSON.stringify({ size: 0, track_total_hits: true, query, aggs, ...(pit && { pit }) })
  return ask<Answer>(client, source, { body, preference: source.target, deadline, isAtPointInTime: pit !== undefined })
}

interface FoundGroups {
  groups: FoundGroup[]
  uncertain: boolean
  /** Whether there are more groups than these. */
  more: boolean
}

async function foundGroups(client: Client, source: ReadIndex, plan: SummarizePlan): Promise<FoundGroups> {
  const aggs = aggregationsOf(plan)
  const make: MakeGroup = (values, count, answer) => {
    const all = plan.aggregates.map((one, place) => computed(one, place, answer))
    return { values, count, computed: all.map(({ value }) => value), exact: all.every(({ exact }) => exact) }
  }
  if (plan.groups.length === 0) {
    const { hits, aggregations = {} } = await askFor(client, source, plan, aggs)
    return { groups: [make([], hits.total.value, aggregations)], uncertain: false, more: false }
  }
  if (isLargest(plan)) {
    const { aggregations } = await askFor(client, source, plan, largestAggregation(plan, aggs))
    return largestGroups(plan, aggregations as unknown as TermsAnswer, make)
  }
  const answers = await groupPages(client, source, plan, async (page, deadline, pit) => {
    const asked = allGroupsAggregation(source, plan, aggs, page)
    return (await askFor(client, source, plan, asked, { deadline, pit })).aggregations as unknown as AllGroupsAnswer
  })
  const kept = allGroups(source, plan, answers, make).filter((group) => isKept(plan, group))
  return { groups: inOrder(plan, kept), uncertain: false, more: false }
}
