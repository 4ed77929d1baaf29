import { createHash } from 'node:crypto'
import { expiredCursor } from '../cursor.ts'
import type { FindPlan } from '../plan.ts'
import type { ReadIndex } from './ask.ts'
import { ranks } from './text-word.ts'

/** A short hash of all that decides how the same words rank the same row; undefined in other orders. */
export function rankingOf({ text, rules }: ReadIndex, { order }: FindPlan): string | undefined {
  if (!order.relevance) return undefined
  return createHash('sha256')
    .update(JSON.stringify([text, rules?.typos, rules?.synonyms, rules?.boosts, ranks]))
    .digest('base64url')
    .slice(0, 8)
}

/** Refuses to continue pages that were ranked in another way: rows would be left out or repeated. @throws CURSOR_EXPIRED */
export function refuseOtherRanking(source: ReadIndex, plan: FindPlan): void {
  if (plan.place && plan.place.ranking !== rankingOf(source, plan))
    throw expiredCursor(
      `${source.target} ranks rows in another way than at the page before, by a changed \`text\` of its configuration`,
    )
}
