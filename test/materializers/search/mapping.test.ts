import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BulkWriter } from '../../../src/materializers/search/bulk.ts'
import { refreshIndex } from '../../../src/materializers/search/index-content.ts'
import { writeAlias } from '../../../src/materializers/search/index-names.ts'
import { indexBody } from '../../../src/materializers/search/mapping.ts'
import { textFields } from '../../../src/query/search/fields.ts'
import { searchedColumns } from '../../../src/read-model/text-column.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../../support/search.ts'
import { createOrderIndex, foundIds, order, orderColumns } from './order-index.ts'

describe('indexBody', () => {
  it('adds a full text sub-field to declared columns only', () => {
    const { properties } = indexBody(orderColumns, { text: searchedColumns({ text: ['number'] }) }).mappings
    expect(properties.number).toMatchObject({ type: 'keyword', fields: { text: { type: 'text' } } })
    expect(properties.status).toEqual({ type: 'keyword' })
  })

  it("takes the operator's shards and replicas", () => {
    expect(indexBody(orderColumns, { shards: 3, replicas: 2 }).settings).toMatchObject({
      number_of_shards: 3,
      number_of_replicas: 2,
    })
  })

  it.each(['_id', '_deleted', '_mine', 'a.b'])('refuses the column name %s', (name) => {
    expect(() => indexBody([{ name, mapping: { type: 'long' } }])).toThrow(
      expect.objectContaining({ code: 'DEFINITION_INVALID' }),
    )
  })
})

describeWithSearch('A text column', () => {
  let search: TestSearch

  beforeAll(() => {
    search = createSearch()
  })

  afterAll(() => search.close())

  it('is compared and sorted as a whole and searched by its words', async () => {
    const index = await createOrderIndex(search)
    await new BulkWriter(search.client, { index: writeAlias(index) }).write([
      order(1, 1n, { number: 'Blue Chair' }),
      order(2, 1n, { number: 'Red Chair' }),
      order(3, 1n, { number: 'x'.repeat(32_000) }),
    ])
    await refreshIndex(search.client, index)
    const found = (query: object) => foundIds(search.client, index, query)
    expect(await found({ match: { [textFields('number')[0]]: 'chair' } })).toEqual(['1', '2'])
    expect(await found({ match: { [textFields('number')[0]]: 'blue' } })).toEqual(['1'])
    expect(await found({ term: { number: 'Blue Chair' } })).toEqual(['1'])
    expect(await found({ term: { number: 'Blue' } })).toEqual([])
  })
})
