import { decodeWhatCan } from '../../definition/rows.ts'
import { keyOrderPlan, type Reader, readerOf } from '../reader.ts'
import { restricted } from '../restriction.ts'
import { planSuggest } from '../suggest.ts'
import { refuseText } from '../unsupported.ts'
import { checkFindInRelation, type ReadRelation, rowsInRelation } from './find.ts'
import type { Queryable } from './run.ts'
import { checkSummarizeInRelation } from './summarize.ts'

/**
 * Reads a table, view or materialized view.
 *
 * @param client a pool or client of `database.ts`, whose values arrive as text
 */
export const relationReader = (client: Queryable, source: ReadRelation): Reader =>
  readerOf({
    checkFind: (request, form) => checkFindInRelation(client, source, request, form),
    checkSummarize: (request) => checkSummarizeInRelation(client, source, request),
    checkSuggest: (request) => refuseSuggest(source, request),
    restricted: (restriction) => relationReader(client, restricted(source, restriction)),
    letGo: async () => {}, // it holds none
    storedRows: (limit, after) =>
      rowsInRelation(client, source, keyOrderPlan(source.definition, limit, after), decodeWhatCan),
  })

/** Suggestions come from full text. A request that nobody understands is refused as such. */
function refuseSuggest(source: ReadRelation, request: unknown): never {
  const { text } = planSuggest(source, request)
  refuseText({ text }, source)
  throw new Error('a relation has no full text')
}
