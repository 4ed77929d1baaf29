import { afterAll, beforeAll, expect, it } from 'vitest'
import { BulkWriter } from '../../../src/materializers/search/bulk.ts'
import { readDocuments } from '../../../src/materializers/search/documents.ts'
import { writeAlias } from '../../../src/materializers/search/index-names.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../../support/search.ts'
import { createOrderIndex, orders } from './order-index.ts'

describeWithSearch('readDocuments', () => {
  let search: TestSearch

  beforeAll(() => {
    search = createSearch()
  })

  afterAll(() => search.close())

  const write = (index: string, id: string, version: bigint, source: string) =>
    new BulkWriter(search.client, { index: writeAlias(index) }).write([{ id, version, source }])

  it('gives columns and bookkeeping apart, as they are before any index refresh', async () => {
    const index = await createOrderIndex(search)
    const source = '{"order_id":1,"status":null,"_ordinal":41,"_snapshot":"10:20:11","_deleted":false}'
    await write(index, '1', 7n, source)
    expect(await readDocuments(search.client, index, ['1', 'none'])).toEqual(
      new Map([
        [
          '1',
          { version: 7n, ordinal: 41n, snapshot: '10:20:11', deleted: false, source: { order_id: 1, status: null } },
        ],
      ]),
    )
  })

  it('reads tombstones', async () => {
    const index = await createOrderIndex(search)
    await write(index, '1', 7n, '{"_ordinal":5,"_deleted":true}')
    const stored = await readDocuments(search.client, index, ['1'])
    expect(stored.get('1')).toEqual({ version: 7n, ordinal: 5n, snapshot: undefined, deleted: true, source: {} })
  })

  it('keeps every digit of a 64-bit integer and every double', async () => {
    const index = await createOrderIndex(search)
    await write(
      index,
      '1',
      2n ** 63n - 2n,
      `{"order_id":9223372036854775807,"total":1e20,"_ordinal":${2n ** 53n + 1n}}`,
    )
    const stored = (await readDocuments(search.client, index, ['1'])).get('1')
    expect(stored).toMatchObject({ version: 2n ** 63n - 2n, ordinal: 2n ** 53n + 1n })
    expect(stored?.source).toEqual({ order_id: '9223372036854775807', total: 1e20 })
  })

  it('reads more ids than a request may hold', async () => {
    const index = await createOrderIndex(search)
    await new BulkWriter(search.client, { index: writeAlias(index) }).write(orders(250))
    const ids = orders(300).map(({ id }) => id)
    const stored = await readDocuments(search.client, index, ids, { maxCount: 100 })
    expect([...stored.keys()]).toEqual(ids.slice(0, 250))
    expect(await readDocuments(search.client, index, [])).toEqual(new Map())
  })

  it('says that the index is missing', async () => {
    await expect(readDocuments(search.client, `${search.prefix}none`, ['1'])).rejects.toMatchObject({
      code: 'SEARCH_FAILED',
      details: { kind: 'index_missing' },
    })
  })
})
