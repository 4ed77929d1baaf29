import type { Client } from '@opensearch-project/opensearch'
import type { SummarizePlan } from '../plan.ts'
import { unsupported } from '../unsupported.ts'
import { type AllGroupsAnswer, type GroupPage, isUntold, nextPage } from './all-groups.ts'
import type { ReadIndex } from './ask.ts'
import { atPointInTime, type PointInTime } from './point-in-time.ts'

/** Most pages of groups that are read to be ordered and chosen here: they are in memory at once. */
const mostPages = 10

/** Asks for a page of groups. @param deadline milliseconds */
export type AskPage = (page: GroupPage, deadline: number, pit?: PointInTime) => Promise<AllGroupsAnswer>

/**
 * The answers that have all groups: most often one. If there are more pages, they are read again from the first one at one
 * point in time, so that no row is counted twice, or not at all, that changes its group meanwhile.
 *
 * @throws QUERY_UNSUPPORTED for too many groups, naming a target that can answer
 */
export async function groupPages(
  client: Client,
  source: ReadIndex,
  plan: SummarizePlan,
  ask: AskPage,
): Promise<AllGroupsAnswer[]> {
  const end = performance.now() + plan.deadline
  const left = () => Math.max(1, end - performance.now())
  let page: GroupPage = { isScripted: false }
  let first = await ask(page, left())
  if (isUntold(plan, first)) {
    page = { isScripted: true }
    first = await ask(page, left())
  }
  if (nextPage(source, plan, first) === undefined) return [first]
  return atPointInTime(client, source, async (pit) => {
    const answers: AllGroupsAnswer[] = []
    for (let after: object | undefined; answers.length < mostPages; ) {
      const answer = await ask({ ...page, after }, left(), pit)
      answers.push(answer)
      after = nextPage(source, plan, answer)
      if (after === undefined) return answers
    }
    throw unsupported(source, 'orders and chooses from at most 100,000 groups, and finds more', 'narrow the request')
  })
}
