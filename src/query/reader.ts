import type { Definition } from '../definition.ts'
import type { Row } from '../encoding.ts'
import type { RowForm } from './chosen.ts'
import { type FindPlan, planFind } from './plan.ts'
import type { Age, Find, Found } from './request.ts'
import type { Suggest, Suggestions } from './suggest.ts'
import type { Summarize, Summary } from './summary.ts'
import type { Wait } from './wait.ts'

/** A request that was checked: nothing has been asked of an engine yet. */
export interface Checked<Answer> {
  /** The commit that is to be waited for before {@link answer}. */
  wait: Wait | undefined
  /** Asks the engine. @param age how old the answer is at most, for pages that keep it */
  answer(age?: Age): Promise<Answer>
}

/** Answers the requests to one target. */
export interface Reader {
  /**
   * @param form of the rows; default: as the application gets them
   * @throws QUERY_INVALID, QUERY_UNSUPPORTED, CURSOR_INVALID, CURSOR_EXPIRED, TOKEN_INVALID if the request cannot be answered
   */
  checkFind(request: unknown, form?: RowForm): Checked<Found>
  /** @throws as {@link checkFind} */
  checkSummarize(request: unknown): Checked<Summary>
  /** @throws as {@link checkFind} */
  checkSuggest(request: unknown): Checked<Suggestions>
  /** The reader of what a restriction leaves, and of nothing else. @throws QUERY_INVALID */
  restricted(restriction: unknown): Reader
  /** Lets go of the pages that `hold` keeps for a cursor, if it has any: nobody will ask for them. */
  letGo(cursor: string): Promise<void>
  /** One page of rows. It does not wait for `after`. */
  find(request: Find): Promise<Found>
  /** Counts and sums. It does not wait for `after`. */
  summarize(request: Summarize): Promise<Summary>
  /** What somebody who is typing may want to type. It does not wait for `after`. */
  suggest(request: Suggest): Promise<Suggestions>
  /**
   * Some rows in the canonical form, in which no two different values of PostgreSQL are the same: for comparisons.
   *
   * @param after the row behind which they begin, in the order of the key; undefined for the first ones
   */
  storedRows(limit: number, after: Row | undefined): Promise<Row[]>
}

/** The request for rows in the order of the key, behind a row. */
export function keyOrderPlan(definition: Definition, limit: number, after: Row | undefined): FindPlan {
  const plan = planFind({ definition }, { limit })
  const values = plan.order.columns.map(({ column }) => after?.[column.name] ?? null)
  return { ...plan, after: after && values }
}

/** A reader that checks as the functions do. */
export const readerOf = (
  checks: Pick<Reader, 'checkFind' | 'checkSummarize' | 'checkSuggest' | 'restricted' | 'storedRows' | 'letGo'>,
): Reader => ({
  ...checks,
  find: async (request) => checks.checkFind(request).answer(),
  summarize: async (request) => checks.checkSummarize(request).answer(),
  suggest: async (request) => checks.checkSuggest(request).answer(),
})
