import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { comparisonConfig } from '../../packages/compare/src/configuration.ts'
import { checkReplay } from '../../packages/compare/src/load/replay.ts'
import { productionSigns, signsOfAddress } from '../../packages/compare/src/production.ts'
import { removeTarget } from '../../src/operator/remove-target.ts'
import { openToolkit } from '../../src/toolkit.ts'
import { startWorker } from '../../src/worker.ts'
import { Observed } from '../support/observed.ts'
import { type ComparedShop, createComparedShop } from './shop.ts'

let shop: ComparedShop
beforeAll(async () => {
  shop = await createComparedShop({ withSearch: false, workload: false })
})
afterAll(() => shop.close())

describe('a comparison refuses', () => {
  it('a read model that is not configured', async () => {
    await expect(shop.compare('orders')).rejects.toMatchObject({
      code: 'READ_MODEL_UNKNOWN',
      message: 'config: there is no read model orders (configured: order_summary, daily_sales)',
    })
  })

  it('a load beyond its bounds, unless told', async () => {
    await expect(shop.compare('order_summary', { yes: false, rate: 500 })).rejects.toMatchObject({
      code: 'COMPARE_LOAD',
      message: 'compare: 500 transactions a second are more than 200; add --yes if you mean it',
    })
  })

  it('a database with sessions of an application, unless told', async () => {
    const backend = new pg.Client({ connectionString: shop.database.url, application_name: 'shop backend' })
    await backend.connect()
    try {
      await expect(shop.compare('order_summary', { yes: false })).rejects.toMatchObject({
        code: 'COMPARE_PRODUCTION',
        message: expect.stringMatching(/sessions of an application are connected: .*shop backend \(1\)/),
      })
    } finally {
      await backend.end()
    }
  })

  it('a database with workers only, which are no application, never', async () => {
    const toolkit = await openToolkit(comparisonConfig(shop.config, 'daily_sales', { view: { every: '1h' } }))
    const worker = await startWorker(toolkit)
    try {
      expect((await productionSigns(toolkit.pool, toolkit.config)).looks).toEqual([])
    } finally {
      await worker.stop()
      await removeTarget(toolkit, 'daily_sales@view')
      await toolkit.close()
    }
  })

  it('to go on without a workload where there are no events to append again', async () => {
    await expect(shop.compare('order_summary')).rejects.toMatchObject({
      code: 'COMPARE_WORKLOAD',
      message: expect.stringMatching(
        /there is no workload \(--workload FILE, .*\), and .* cannot replace one: the outbox gives 0 transactions to append again, and a replay needs at least 20/,
      ),
    })
  })

  it('a workload that is not there, and one that is none', async () => {
    const missing = join(shop.folder, 'nothing.ts')
    await expect(shop.compare('order_summary', { workload: missing })).rejects.toMatchObject({
      code: 'COMPARE_WORKLOAD',
      message: expect.stringContaining(`${missing} does not exist`),
    })
    const none = join(shop.folder, 'none.ts')
    await writeFile(none, 'export default 1')
    await expect(shop.compare('order_summary', { workload: none })).rejects.toThrow('has no function `open`')
  })

  it('a workload whose transactions return something else than a commit token', async () => {
    const workload = join(shop.folder, 'untold.ts')
    const opened = "{ transaction: async () => 'done', close: async () => {} }"
    await writeFile(workload, `export default { open: async () => (${opened}) }`)
    const before = await shop.traces()
    await expect(shop.compare('order_summary', { workload })).rejects.toMatchObject({
      code: 'COMPARE_FAILED',
      message: expect.stringMatching(/^compare: the workload failed: .*"done" is not a commit token/),
    })
    expect(await shop.traces()).toEqual(before)
  })

  it('a query with an unknown column, and names the query', async () => {
    const queries = join(shop.folder, 'queries.json')
    await writeFile(queries, JSON.stringify({ newest: { find: { sort: '-placed_at' } } }))
    await expect(shop.compare('order_summary', { queries })).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      message: expect.stringMatching(
        /the query "newest" of .*queries.json: query: order_summary has no column placed_at/,
      ),
    })
  })

  it.each([
    [
      '{ "newest": { "search": {} } }',
      '"newest" is not a query: each query is { "find": { … } } or { "summarize": { … } }',
    ],
    ['{ "newest": { "find": {}, "summarize": {} } }', '"newest" is not a query'],
    ['{ "newest": [] }', '"newest" is not a query'],
    ['{}', 'it names no query; each query is'],
    ['7', 'it names no query; each query is'],
    ['{ "newest": ', 'Unexpected end of JSON input'],
  ])('a file of queries that holds %s', async (text, reason) => {
    const queries = join(shop.folder, 'other.json')
    await writeFile(queries, text)
    const error = await shop.compare('order_summary', { queries }).catch((one) => one)
    expect(error).toMatchObject({ code: 'COMPARE_QUERIES' })
    expect(error.message).toContain(`compare: the queries in ${queries} cannot be read: ${reason}`)
  })

  it.each([
    ['{ "newest": { "find": 7 } }', 'find takes a plain object, not 7'],
    [
      '{ "newest": { "find": { "wher": {} } } }',
      'find does not take `wher`; did you mean `where`? It takes where, text,',
    ],
    [
      '{ "newest": { "find": { "order": "-total" } } }',
      'find does not take `order`; did you mean `sort`? It takes where,',
    ],
    [
      '{ "newest": { "find": { "sort": null } } }',
      '`sort` takes `column`, `-column`, either with ` ignoring case` or ` missing first`, or a list',
    ],
    [
      '{ "newest": { "summarize": { "target": "view" } } }',
      'summarize does not take `target`; it takes where, text, group,',
    ],
  ])('a query that is not understood: %s', async (text, reason) => {
    const queries = join(shop.folder, 'other.json')
    await writeFile(queries, text)
    await expect(shop.compare('order_summary', { queries })).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      message: expect.stringContaining(`compare: the query "newest" of ${queries}: query: ${reason}`),
    })
  })

  it('a file of queries that is not there', async () => {
    const queries = join(shop.folder, 'nowhere.json')
    await expect(shop.compare('order_summary', { queries })).rejects.toMatchObject({
      code: 'COMPARE_QUERIES',
      message: `compare: the queries in ${queries} cannot be read: the file does not exist; correct --queries`,
    })
  })

  it('to judge a read model without rows', async () => {
    const empty = await createComparedShop({ orders: 0, withSearch: false })
    await expect(empty.compare('order_summary')).rejects.toMatchObject({
      code: 'COMPARE_TOO_LITTLE',
      message: expect.stringContaining('order_summary has no rows'),
    })
    await empty.close()
  })
})

describe('a replay is refused', () => {
  const event = { type: 'OrderConfirmed', aggregate: 'order:1', payload: { orderId: 1 } as never }
  const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const
  const readModels = (kind: string) => ({
    sales: { key: ['day'], targets: { table: {} }, on: { OrderConfirmed: () => ({ kind, keys: [] }) } } as never,
  })

  it('where a handler folds an event, naming both', () => {
    const check = () => checkReplay(readModels('fold'), { OrderConfirmed: anything }, [{ events: [event] }])
    expect(check).toThrow('OrderConfirmed cannot be appended again, because sales folds it')
  })

  it('not where handlers say what the row is', () => {
    expect(() =>
      checkReplay(readModels('recompute'), { OrderConfirmed: anything }, [{ events: [event] }]),
    ).not.toThrow()
  })
})

describe('what an address says', () => {
  it('nothing, where the server is in this network', async () => {
    expect(await signsOfAddress('postgres://shop@127.0.0.1/shop')).toEqual([])
    expect(await signsOfAddress('postgres://shop@10.1.2.3:5433/shop')).toEqual([])
    expect(await signsOfAddress('postgres:///shop?host=/run/postgresql')).toEqual([])
  })

  it('that it is far away, or that its name tells', async () => {
    expect(await signsOfAddress('postgres://shop@8.8.8.8/shop')).toEqual(['its host (8.8.8.8) is not in this network'])
    expect(await signsOfAddress('postgres://shop@127.0.0.1/shop_production')).toEqual([
      'its name (shop_production) says "prod"',
    ])
  })
})

describe('a target that a worker keeps', () => {
  it('cannot be removed, and can once the worker has ended', async () => {
    const config = comparisonConfig(shop.config, 'order_summary', { table: {}, view: {} })
    const toolkit = await openToolkit(config)
    const before = await shop.traces()
    const observed = new Observed()
    const worker = await startWorker(toolkit, { targets: ['order_summary@table'], observe: observed.observe })
    await observed.when('target.leased') // before, its rebuild holds the lease for a moment
    await expect(removeTarget(toolkit, 'order_summary@table')).rejects.toMatchObject({ code: 'TARGET_KEPT' })
    await worker.stop()
    expect(await removeTarget(toolkit, 'order_summary@table')).toEqual({
      target: 'order_summary@table',
      storages: ['order_summary__table_g1'],
    })
    expect(await shop.traces()).toEqual(before)
    await toolkit.close()
  })
})
