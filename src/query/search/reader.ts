import type { Client } from '@opensearch-project/opensearch'
import { heldIn } from '../cursor.ts'
import { keyOrderPlan, type Reader, readerOf } from '../reader.ts'
import { restricted } from '../restriction.ts'
import type { ReadIndex } from './ask.ts'
import { checkFindInIndex, rowsInIndex } from './find.ts'
import { letGo } from './hold.ts'
import { checkSuggestInIndex } from './suggest.ts'
import { checkSummarizeInIndex } from './summarize.ts'
import { searchedAmong } from './text.ts'

/** Reads an index. */
export const indexReader = (client: Client, source: ReadIndex): Reader =>
  readerOf({
    checkFind: (request, form) => checkFindInIndex(client, source, request, form),
    checkSummarize: (request) => checkSummarizeInIndex(client, source, request),
    checkSuggest: (request) => checkSuggestInIndex(client, source, request),
    restricted: (restriction) => indexReader(client, restrictedIndex(source, restriction)),
    letGo: (cursor) => letGo(client, heldIn(cursor)),
    storedRows: (limit, after) => rowsInIndex(client, source, keyOrderPlan(source.definition, limit, after)),
  })

/** Words are found in columns that may be read only, and ranked by these. */
function restrictedIndex(source: ReadIndex, restriction: unknown): ReadIndex {
  const left = restricted(source, restriction)
  const { columns } = left.definition
  const boosts = left.rules?.boosts?.filter(({ column }) => columns.some(({ name }) => name === column))
  return { ...left, text: searchedAmong(left.text, columns), rules: { ...left.rules, ...(boosts && { boosts }) } }
}
