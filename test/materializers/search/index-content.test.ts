import { afterAll, beforeAll, expect, it } from 'vitest'
import { BulkWriter } from '../../../src/materializers/search/bulk.ts'
import { setReplicas } from '../../../src/materializers/search/index-admin.ts'
import { indexStats, refreshIndex } from '../../../src/materializers/search/index-content.ts'
import { writeAlias } from '../../../src/materializers/search/index-names.ts'
import { writeState } from '../../../src/materializers/search/state-document.ts'
import { openSearchClient } from '../../../src/opensearch/client.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../../support/search.ts'
import { startFaultyProxy } from './faulty-proxy.ts'
import { createOrderIndex, foundIds, orders } from './order-index.ts'

describeWithSearch('Index content', () => {
  let search: TestSearch

  beforeAll(() => {
    search = createSearch()
  })

  afterAll(() => search.close())

  const tombstone = (id: number, number: number) => ({
    id: String(id),
    version: 9n,
    source: JSON.stringify({ _deleted: true, _ordinal: number }),
  })

  async function built(): Promise<string> {
    const index = await createOrderIndex(search)
    const writer = new BulkWriter(search.client, { index: writeAlias(index), inFlight: 1 })
    await writer.write([...orders(10), tombstone(3, 100), tombstone(4, 200)])
    return index
  }

  it('makes written documents searchable at an index refresh and not before', async () => {
    const index = await built()
    expect(await foundIds(search.client, index)).toEqual([])
    await refreshIndex(search.client, index)
    expect((await foundIds(search.client, index)).length).toBe(10)
  })

  it('takes replicas without a node for no failure of an index refresh', async () => {
    const index = await built()
    await setReplicas(search.client, index, 1)
    await refreshIndex(search.client, index)
    await setReplicas(search.client, index, 0)
  })

  async function refreshThrough(index: string, shards: object): Promise<void> {
    const proxy = await startFaultyProxy(search.url, ({ path }) =>
      path.endsWith('_refresh') ? { kind: 'say', body: { _shards: shards } } : undefined,
    )
    const client = openSearchClient({ url: proxy.url })
    try {
      await refreshIndex(client, index)
    } finally {
      await client.close()
      await proxy.close()
    }
  }

  it('fails where a shard failed', async () => {
    const shards = { total: 2, successful: 1, failed: 1, failures: [{ shard: 1 }] }
    await expect(refreshThrough(await createOrderIndex(search), shards)).rejects.toMatchObject({
      code: 'INDEX_REFRESH_FAILED',
      details: { failures: [{ shard: 1 }] },
    })
  })

  it('fails where a shard has no primary, which the engine reports after a minute and counts as no failure', async () => {
    const index = `${search.prefix}red`
    await search.client.indices.create({
      index,
      wait_for_active_shards: '0',
      body: { settings: { 'index.routing.allocation.require._name': 'no-such-node' } as object },
    })
    const shards = { total: 1, successful: 0, failed: 0 }
    await expect(refreshThrough(index, shards)).rejects.toMatchObject({ code: 'INDEX_REFRESH_FAILED' })
  })

  it('says that the index is missing where it cannot be refreshed', async () => {
    await expect(refreshIndex(search.client, `${search.prefix}none`)).rejects.toMatchObject({
      code: 'SEARCH_FAILED',
      details: { kind: 'index_missing' },
    })
  })

  it('counts what readers see and what is kept of removed rows, and measures what is stored', async () => {
    const index = await built()
    await writeState(search.client, index, {})
    await refreshIndex(search.client, index)
    const stats = await indexStats(search.client, index)
    expect(stats).toMatchObject({ documents: 8, tombstones: 2 })
    expect(stats.bytes).toBeGreaterThan(1_000)
  })
})
