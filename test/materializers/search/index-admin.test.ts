import { afterAll, beforeAll, expect, it } from 'vitest'
import { BulkWriter } from '../../../src/materializers/search/bulk.ts'
import {
  createIndex,
  dropIndex,
  indexExists,
  listGenerations,
  serveIndex,
  setReplicas,
} from '../../../src/materializers/search/index-admin.ts'
import { refreshIndex } from '../../../src/materializers/search/index-content.ts'
import { writeAlias } from '../../../src/materializers/search/index-names.ts'
import { indexBody } from '../../../src/materializers/search/mapping.ts'
import { writeState } from '../../../src/materializers/search/state-document.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../../support/search.ts'
import { createOrderIndex, foundIds, newNames, order, orderColumns, orders } from './order-index.ts'

describeWithSearch('Index administration', () => {
  let search: TestSearch

  beforeAll(() => {
    search = createSearch()
  })

  afterAll(() => search.close())

  async function built(index: string, version: bigint, count: number): Promise<void> {
    await new BulkWriter(search.client, { index: writeAlias(index) }).write(orders(count, version))
    await refreshIndex(search.client, index)
  }

  it('creates an index with its write alias, strict and without index refreshes', async () => {
    const index = await createOrderIndex(search)
    const { body } = await search.client.indices.get({ index, flat_settings: true })
    expect(Object.keys(body[index]?.aliases ?? {})).toEqual([writeAlias(index)])
    expect(body[index]?.mappings).toMatchObject({ dynamic: 'strict' })
    expect(body[index]?.settings).toMatchObject({
      'index.refresh_interval': '-1',
      'index.number_of_shards': '1',
      'index.number_of_replicas': '0',
    })
  })

  it('says that an index exists instead of taking it over', async () => {
    const index = await createOrderIndex(search)
    await expect(createIndex(search.client, index, indexBody(orderColumns))).rejects.toMatchObject({
      code: 'SEARCH_FAILED',
      details: { kind: 'index_exists' },
    })
  })

  it('drops an index once', async () => {
    const index = await createOrderIndex(search)
    expect(await indexExists(search.client, index)).toBe(true)
    expect(await dropIndex(search.client, index)).toBe(true)
    expect(await dropIndex(search.client, index)).toBe(false)
    expect(await indexExists(search.client, index)).toBe(false)
  })

  it('moves the public alias in one step, so that searches meanwhile always find every document once', async () => {
    const names = newNames(search)
    const [one, two] = [await createOrderIndex(search, names, 1), await createOrderIndex(search, names, 2)]
    await built(one, 1n, 20)
    await built(two, 2n, 20)
    await serveIndex(search.client, names, one)
    let swapping = true
    const searching = (async () => {
      let seen = 0
      for (; swapping; seen += 1) {
        const { body } = await search.client.search({ index: names.publicAlias, body: { size: 100 } })
        expect(new Set(body.hits.hits.map((hit) => hit._index)).size).toBe(1)
        expect(body.hits.hits.length).toBe(20)
      }
      return seen
    })()
    for (let swap = 0; swap < 10; swap += 1) await serveIndex(search.client, names, swap % 2 === 0 ? two : one)
    swapping = false
    expect(await searching).toBeGreaterThan(5)
    expect((await listGenerations(search.client, names)).filter(({ serves }) => serves)).toEqual([
      { index: one, generation: 1, serves: true },
    ])
  })

  it('takes the public alias from an index of another name too', async () => {
    const names = newNames(search)
    const index = await createOrderIndex(search, names, 1)
    const restored = `${search.prefix}restored`
    await search.client.indices.create({ index: restored, body: { aliases: { [names.publicAlias]: {} } } })
    await serveIndex(search.client, names, index)
    const { body } = await search.client.indices.getAlias({ name: names.publicAlias })
    expect(Object.keys(body)).toEqual([index])
  })

  it('hides tombstones and the state document behind the public alias', async () => {
    const names = newNames(search)
    const index = await createOrderIndex(search, names)
    const tombstone = { id: '2', version: 3n, source: '{"_deleted":true,"_ordinal":3}' }
    await new BulkWriter(search.client, { index: writeAlias(index) }).write([order(1, 1n), order(2, 2n), tombstone])
    await writeState(search.client, index, { era: 1 })
    await refreshIndex(search.client, index)
    await serveIndex(search.client, names, index)
    expect(await foundIds(search.client, index)).toEqual(['1', '2', 'trifold:state'])
    expect(await foundIds(search.client, names.publicAlias)).toEqual(['1'])
    const asked = { query_string: { query: '_deleted:true' } }
    expect(await foundIds(search.client, names.publicAlias, asked)).toEqual([])
  })

  it('lists the generations of one read model only, by number', async () => {
    const names = newNames(search)
    for (const generation of [10, 9]) await createOrderIndex(search, names, generation)
    await search.client.indices.create({ index: `${names.publicAlias}-gx` })
    await search.client.indices.create({ index: `${names.publicAlias}-g1-copy` })
    const found = await listGenerations(search.client, names)
    expect(found.map(({ generation }) => generation)).toEqual([9, 10])
    expect(await listGenerations(search.client, newNames(search))).toEqual([])
  })

  it("sets the operator's number of replicas after a rebuild", async () => {
    const index = await createOrderIndex(search)
    await setReplicas(search.client, index, 1)
    const { body } = await search.client.indices.getSettings({ index, flat_settings: true })
    expect(body[index]?.settings).toMatchObject({ 'index.number_of_replicas': '1' })
    await setReplicas(search.client, index, 0)
  })

  it('says what is wrong where an index stands in the place of the public alias', async () => {
    const names = newNames(search)
    const index = await createOrderIndex(search, names)
    await search.client.indices.create({ index: names.publicAlias })
    await expect(serveIndex(search.client, names, index)).rejects.toThrow(/an index has the name of the alias/)
  })
})
