import { afterAll, beforeAll } from 'vitest'
import { dropIndex } from '../../src/materializers/search/index-admin.ts'
import { createSearchMaterializer } from '../../src/materializers/search.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { conformance } from './conformance.ts'

describeWithSearch('search', () => {
  let search: TestSearch
  beforeAll(() => {
    search = createSearch()
  })
  afterAll(() => search.close())

  conformance({
    name: 'search',
    fedBy: 'events',
    features: { fullText: true, transactional: false, namedInSql: false },
    create: (context) =>
      createSearchMaterializer(context, { url: search?.url ?? 'http://localhost:1' }, search?.prefix ?? ''),
    loseStorage: async (_, storage) => {
      await dropIndex(search.client, storage)
    },
  })
})
