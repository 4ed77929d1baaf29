import type { Client } from '@opensearch-project/opensearch'
import type { FindPlan, SummarizePlan } from '../plan.ts'
import { ask, type ReadIndex } from './ask.ts'
import { queryClause } from './filter.ts'

/**
 * The plan as the target forgives typos: if enough rows have the words as they are, under the same conditions, none are
 * forgiven. What the first page decided holds for the others.
 */
export async function asForgiven<Plan extends FindPlan | SummarizePlan>(
  client: Client,
  source: ReadIndex,
  plan: Plan,
): Promise<Plan> {
  const { text, conditions, deadline } = plan
  const below = source.rules?.typos?.below
  if (!text?.typos || below === undefined) return plan
  const strict = { ...text, typos: false }
  const place = 'place' in plan ? plan.place : undefined
  if (place) return place.isStrict ? { ...plan, text: strict } : plan
  const body = { size: 0, track_total_hits: below, query: queryClause(source, conditions, strict) }
  const search = { body: JSON.stringify(body), preference: source.target, deadline }
  const { hits } = await ask<{ hits: { total: { value: number } } }>(client, source, search)
  return hits.total.value >= below ? { ...plan, text: strict } : plan
}
