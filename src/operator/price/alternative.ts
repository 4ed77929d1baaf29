import type { RefreshCost } from '../../schema/refreshes/costs.ts'
import { inSeconds, inThousands } from '../figures.ts'
import type { RefreshCosts } from './costs.ts'

/** What another way to keep the rows would be, from what is known of this view and of its siblings. */
export interface AlternativeFacts {
  costs: RefreshCosts
  /** The last refresh. */
  last: RefreshCost
  /** Targets of the same read model that events feed, with the lag that workers have seen, in milliseconds. */
  siblings: ReadonlyMap<string, number>
  /** How old readers may see rows, in milliseconds. */
  lag: number
}

/** So much of its interval a refresh may take before another schedule is advised. */
const muchOfInterval = 0.1
/** Of the rows that refreshes compare: below this share, events write far less. */
const fewRows = 0.05

/** One sentence, with a figure for each claim. */
export function alternativeOf(facts: AlternativeFacts): string {
  const { costs, last } = facts
  const sibling = [...facts.siblings].find(([, lag]) => lag < facts.lag)
  const spent = `${inSeconds(1_000 * costs.secondsPerHour)} of database time an hour`
  if (sibling) {
    const [target, lag] = sibling
    return `${target} has the same rows ${inSeconds(lag)} old (the middle of the last day), so reads of it spare ${spent}`
  }
  if (costs.share <= muchOfInterval) return `none is needed: a refresh takes ${percent(costs.share)} of its interval`
  const compared = costs.refreshesPerHour * (last.rows ?? 0)
  const written = costs.rowsWrittenPerHour
  if (written !== undefined && compared > 0 && written < fewRows * compared)
    return (
      `a table, or an index for search, fed by events writes what changes, about ${inThousands(written)} rows an hour; ` +
      `these refreshes compare ${inThousands(compared)} for it, in ${spent}`
    )
  const longer = (costs.share * costs.interval) / muchOfInterval
  const then = (3_600_000 / longer) * ((costs.share * costs.interval) / 1_000)
  return (
    `a refresh every ${inSeconds(longer)} takes ${inSeconds(1_000 * then)} of database time an hour instead of ` +
    `${inSeconds(1_000 * costs.secondsPerHour)}`
  )
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.01 ? 2 : 0)} %`
