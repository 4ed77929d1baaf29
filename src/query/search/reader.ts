import type { Client } from '@opensearch-project/opensearch'
import { keyOrderPlan, type Reader, readerOf } from '../reader.ts'
import type { ReadIndex } from './ask.ts'
import { checkFindInIndex, rowsInIndex } from './find.ts'
import { checkSummarizeInIndex } from './summarize.ts'

/** Reads an index. */
export const indexReader = (client: Client, source: ReadIndex): Reader =>
  readerOf({
    checkFind: (request) => checkFindInIndex(client, source, request),
    checkSummarize: (request) => checkSummarizeInIndex(client, source, request),
    storedRows: (limit, after) => rowsInIndex(client, source, keyOrderPlan(source.definition, limit, after)),
  })
