import { afterAll, beforeAll, expect, it } from 'vitest'
import { BulkWriter } from '../../../src/materializers/search/bulk.ts'
import { createIndex, dropIndex, serveIndex, setReplicas } from '../../../src/materializers/search/index-admin.ts'
import { indexDamage, indexIdentity, indexProblem, isServed } from '../../../src/materializers/search/index-health.ts'
import { writeAlias } from '../../../src/materializers/search/index-names.ts'
import { indexBody } from '../../../src/materializers/search/mapping.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../../support/search.ts'
import { createOrderIndex, newNames, orderColumns, orders } from './order-index.ts'

describeWithSearch('The health of an index', () => {
  let search: TestSearch

  beforeAll(() => {
    search = createSearch()
  })
  afterAll(() => search.close())

  /** An index that serves, with documents. */
  const serving = async (shards = 1) => {
    const names = newNames(search)
    const storage = names.index(1)
    await createIndex(search.client, storage, indexBody(orderColumns, { shards }))
    await new BulkWriter(search.client, { index: writeAlias(storage) }).write(orders(20, 1n))
    await serveIndex(search.client, names, storage)
    const storageIdentity = await indexIdentity(search.client, storage)
    return {
      names,
      storage,
      storageIdentity,
      look: () => indexProblem(search.client, names, { storage, storageIdentity }),
    }
  }
  const actions = (list: object[]) => search.client.indices.updateAliases({ body: { actions: list } as never })

  it('finds nothing wrong with one that serves', async () => {
    const { names, storage, look } = await serving()
    expect(await look()).toBeUndefined()
    expect(await isServed(search.client, names, storage)).toBe(true)
  })

  it('finds that it is missing, or is another of the same name', async () => {
    const { names, storage, look } = await serving()
    await dropIndex(search.client, storage)
    expect(await look()).toMatchObject({ verdict: 'red', reason: expect.stringContaining('is missing') })
    await createIndex(search.client, storage, indexBody(orderColumns))
    await serveIndex(search.client, names, storage)
    expect(await look()).toMatchObject({
      verdict: 'red',
      reason: expect.stringContaining('another index of the same name'),
    })
  })

  it('finds an alias that is gone, shows another index, two of them, or removed rows', async () => {
    const { names, storage, look } = await serving()
    const alias = names.publicAlias
    const other = await createOrderIndex(search)
    const cases: [object[], string][] = [
      [[{ remove: { index: storage, alias } }], 'is missing'],
      [[{ add: { index: other, alias } }], `shows ${other}`],
      [[{ add: { index: storage, alias } }], `shows ${other}`],
      [[{ remove: { index: other, alias } }], 'another filter'],
    ]
    for (const [change, reason] of cases) {
      await actions(change)
      expect(await look()).toMatchObject({ verdict: 'red', reason: expect.stringContaining(reason) })
      expect(await isServed(search.client, names, storage)).toBe(false)
    }
    await serveIndex(search.client, names, storage)
    expect(await look()).toBeUndefined()
    await actions([{ remove: { index: storage, alias: writeAlias(storage) } }])
    expect(await look()).toMatchObject({ verdict: 'red', reason: expect.stringContaining('no write alias') })
  })

  it('names the block that keeps documents out', async () => {
    const { storage, look } = await serving()
    const block = (value: boolean | null) =>
      search.client.indices.putSettings({ index: storage, body: { index: { blocks: { write: value } } } as never })
    await block(true)
    expect(await look()).toMatchObject({ verdict: 'red', reason: expect.stringContaining('index.blocks.write') })
    await block(null)
    expect(await look()).toBeUndefined()
  })

  it('is yellow without its copies', async () => {
    const { storage, look } = await serving()
    await setReplicas(search.client, storage, 1)
    expect(await look()).toMatchObject({ verdict: 'yellow', reason: expect.stringContaining('not assigned') })
    await setReplicas(search.client, storage, 0)
    expect(await look()).toBeUndefined()
  })

  it('is red while a shard has no node', async () => {
    const names = newNames(search)
    const storage = names.index(1)
    const { mappings, settings } = indexBody(orderColumns)
    const nowhere = { ...settings, 'index.routing.allocation.require._name': 'nobody' }
    const body = { mappings, settings: nowhere, aliases: { [writeAlias(storage)]: {} } }
    await search.client.indices.create({ index: storage, body: body as never, wait_for_active_shards: '0' })
    await serveIndex(search.client, names, storage)
    const { body: stats } = await search.client.indices.stats({ index: storage, level: 'shards' })
    const storageIdentity = `${stats.indices?.[storage]?.uuid} before`
    const problem = await indexProblem(search.client, names, { storage, storageIdentity })
    expect(problem).toMatchObject({
      verdict: 'red',
      reason: expect.stringContaining('1 of its shards are not assigned'),
    })
  })

  it('finds a shard with another history than the one that was recorded', async () => {
    const { names, storage, storageIdentity } = await serving(2)
    const [index, first] = storageIdentity.split(' ')
    const problem = await indexProblem(search.client, names, { storage, storageIdentity: `${index} ${first} lost` })
    expect(problem).toMatchObject({ verdict: 'red', reason: expect.stringContaining('shard 1 of 2 was made again') })
  })

  it('tells nothing of an index whose identity was never recorded', async () => {
    const { storage } = await serving()
    expect(await indexDamage(search.client, { storage, storageIdentity: undefined })).toBeUndefined()
  })
})
