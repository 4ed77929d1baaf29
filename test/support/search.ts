import { randomBytes } from 'node:crypto'
import type { Client } from '@opensearch-project/opensearch'
import { describe, inject } from 'vitest'
import { openSearchClient } from '../../src/opensearch/client.ts'
import { dropIndexes } from '../../src/testing/search-indexes.ts'

export interface TestSearch {
  url: string
  client: Client
  /** What the names of this file's indexes begin with. */
  prefix: string
  close(): Promise<void>
}

/** Where there is no OpenSearch, the global set-up has said why. */
export function describeWithSearch(title: string, tests: () => void): void {
  describe.skipIf(inject('openSearchUrl') === '')(title, tests)
}

/** A client and an index prefix of its own. `close` drops the indexes. */
export function createSearch(): TestSearch {
  const url = inject('openSearchUrl')
  const client = openSearchClient({ url })
  const prefix = `test_${randomBytes(5).toString('hex')}_`
  return {
    url,
    client,
    prefix,
    async close() {
      await dropIndexes({ search: { url }, indexPrefix: prefix })
      await client.close()
    },
  }
}
