import type { Value } from '../../encoding.ts'
import type { GroupOrder } from '../group-order.ts'
import type { SummarizePlan } from '../plan.ts'
import { unsupported } from '../unsupported.ts'
import type { ReadIndex } from './ask.ts'
import { type BucketKey, isCut } from './group-value.ts'

/** Most groups that are ordered here and not by the engine: all of them are read. */
export const mostOrdered = 10_000

/** Whether the groups come in the order in which the engine finds the first ones itself. */
export const isByLargestCount = ({ order }: Pick<SummarizePlan, 'order'>): boolean =>
  order.by === 'count' && order.descending

interface Ordered {
  group: Value
  count: number
  sum: Value
}

/**
 * Groups in the order that is asked for. A sum that is exact in an index has at most 15 digits, which a double tells apart.
 *
 * @param groups in ascending order of their values, the one without a value last
 */
export function inOrder<G extends Ordered>({ by, descending }: GroupOrder, groups: readonly G[]): G[] {
  if (by === 'group') {
    const values = groups.filter(({ group }) => group !== null)
    return [...(descending ? values.toReversed() : values), ...groups.slice(values.length)]
  }
  const sign = descending ? -1 : 1
  return groups.toSorted((a, b) => {
    const nulls = Number(a[by] === null) - Number(b[by] === null)
    return nulls !== 0 ? nulls : sign * (Number(a[by]) - Number(b[by]))
  })
}

/** @throws QUERY_UNSUPPORTED if the engine cannot tell the order of the groups, naming a target that can */
export function refuseUnordered(
  source: ReadIndex,
  { group, order }: SummarizePlan,
  terms: { buckets: readonly BucketKey[]; sum_other_doc_count: number } | undefined,
): void {
  if ((terms?.sum_other_doc_count ?? 0) > 0) {
    throw unsupported(
      source,
      `orders at most ${mostOrdered} groups by ${order.by}, and finds more`,
      'narrow the request',
    )
  }
  const isUntold = order.by === 'group' && group && terms?.buckets.some(({ key }) => isCut(group, key as Value))
  if (isUntold)
    throw unsupported(
      source,
      `cannot order groups of ${group.name} by texts of more than 32,000 bytes`,
      'sort by count',
    )
}
