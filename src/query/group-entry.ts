import type { Value } from '../encoding.ts'
import type { SummarizePlan } from './plan.ts'
import type { Summary } from './summary.ts'

/** One group as an engine gives it, in the order of the plan. */
export interface Group {
  /** One for each term of the grouping. */
  values: Value[]
  count: number
  /** One for each aggregate. */
  computed: Value[]
}

/** A group as the requests return it. */
export function groupEntry(plan: SummarizePlan, { values, count, computed }: Group): Summary['groups'][number] {
  const named = plan.aggregates.map(({ name }, place): [string, Value] => [name, computed[place] ?? null])
  const { sum = null, ...aggregates } = Object.fromEntries(named)
  const group = plan.isList ? values : (values[0] ?? null)
  const entry = { group, count, sum, ...(Object.keys(aggregates).length > 0 && { aggregates }) }
  return entry as Summary['groups'][number]
}
