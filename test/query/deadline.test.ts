import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openSearchClient } from '../../src/opensearch/client.ts'
import { indexReader, type ReadIndex } from '../../src/query/search.ts'
import { type Reader, relationReader } from '../../src/query.ts'
import { type Fault, type FaultyProxy, startFaultyProxy } from '../materializers/search/faulty-proxy.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { createThingsIndex, createThingsTable, type Things } from './things.ts'

const thing = { region: 'north', id: 1, status: 'new', changed_at: '2024-01-01T00:00:00.000000Z' }
let things: Things

beforeAll(async () => {
  things = await createThingsTable([thing])
})

afterAll(() => things?.close())

const late = (target: string) => ({
  code: 'READ_TIMEOUT',
  message:
    `query: things@${target} did not answer within 300 ms; narrow the request, ` +
    'give it a longer `deadline`, or look at its engine',
})

test('a read of a locked table ends at its deadline, and the next read is answered', async () => {
  const reader = relationReader(things.pool, things.relation)
  const holder = await things.pool.connect()
  await holder.query('begin')
  await holder.query('lock table things')
  await expect(reader.find({ deadline: '300ms' })).rejects.toMatchObject(late('table'))
  await expect(reader.summarize({ deadline: 300 })).rejects.toMatchObject(late('table'))
  await holder.query('rollback')
  holder.release()
  expect(await reader.find({ deadline: '60s' })).toMatchObject({ rows: [{ id: 1 }] })
})

describeWithSearch('A read of an index', () => {
  let search: TestSearch
  let source: ReadIndex
  let proxy: FaultyProxy
  let client: ReturnType<typeof openSearchClient>

  beforeAll(async () => {
    search = createSearch()
    source = await createThingsIndex(search, things.definition, [thing])
  })

  afterEach(async () => {
    await client.close()
    await proxy.close()
  })

  afterAll(() => search?.close())

  async function readThrough(fault: Fault): Promise<Reader> {
    proxy = await startFaultyProxy(search.url, () => fault)
    client = openSearchClient({ url: proxy.url })
    return indexReader(client, source)
  }

  const faults: Fault[] = [{ kind: 'delay', ms: 60_000 }, { kind: 'stall' }]
  test.each(faults)('ends at its deadline while the engine is frozen: %j', async (fault) => {
    const reader = await readThrough(fault)
    await expect(reader.find({ deadline: '300ms' })).rejects.toMatchObject(late('search'))
    await expect(reader.summarize({ deadline: '300ms' })).rejects.toMatchObject(late('search'))
  })

  test('is asked again after a broken connection, within the one deadline', async () => {
    const reader = await readThrough({ kind: 'cut_before' })
    await expect(reader.find({ deadline: '30s' })).rejects.toMatchObject({ code: 'SEARCH_UNREACHABLE' })
    expect(proxy.requests.length).toBeGreaterThan(1)
  })

  test('says which shard failed and why', async () => {
    const failures = [{ reason: { type: 'x', reason: 'no room', caused_by: { type: 'y', reason: 'disk is full' } } }]
    const shards = { total: 2, failed: 1, failures }
    const reader = await readThrough({ kind: 'say', body: { timed_out: false, _shards: shards, hits: { hits: [] } } })
    await expect(reader.find({})).rejects.toMatchObject({
      code: 'SEARCH_FAILED',
      message: expect.stringContaining('lacks 1 of 2 shards (no room: disk is full); look at the health'),
    })
  })
})
