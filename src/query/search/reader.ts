import type { Client } from '@opensearch-project/opensearch'
import { type Reader, readerOf } from '../reader.ts'
import type { ReadIndex } from './ask.ts'
import { checkFindInIndex } from './find.ts'
import { checkSummarizeInIndex } from './summarize.ts'

/** Reads an index. */
export const indexReader = (client: Client, source: ReadIndex): Reader =>
  readerOf({
    checkFind: (request) => checkFindInIndex(client, source, request),
    checkSummarize: (request) => checkSummarizeInIndex(client, source, request),
  })
