import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pruneWindows } from '../../src/feed/prune.ts'
import type { TestKit } from '../../src/testing.ts'
import { placeOrder } from '../support/market/writer.ts'
import type { MarketEvents } from '../support/market.ts'
import { until } from '../support/until.ts'
import { openMarketKit } from '../testing/market-kit.ts'
import { blocksOf } from './docs-page.ts'

let kit: TestKit<MarketEvents>
let client: pg.Client

beforeAll(async () => {
  kit = await openMarketKit()
  client = new pg.Client({ connectionString: kit.databaseUrl })
  await client.connect()
})
afterAll(async () => {
  await client?.end()
  await kit?.close()
})

it('has statements that drop a partition of the outbox, and say when every target has passed it', async () => {
  const [ask, drop] = blocksOf('docs/operations.md').filter(({ text }) => text.includes('outbox_p0'))
  const hasPassed = async () => {
    const results = (await client.query(ask?.text ?? '')) as unknown as pg.QueryResult[]
    return results.at(-1)?.rows[0].passed
  }
  const placing = kit.given((tx) => placeOrder(tx, 1, { quantity: 1, productId: 1, day: '2026-01-01' }))
  await placing.expectSameAsDefinition()
  expect(await hasPassed()).toBe(false)
  // An open transaction of any database in the cluster holds it up.
  await until('every target has passed it', async () => {
    await client.query('rollback')
    await pruneWindows(client, { keepMilliseconds: 0, keepBehind: 0 })
    return hasPassed()
  })
  await client.query(drop?.text ?? '')
  expect((await client.query("select to_regclass('trifold.outbox_p0') as partition")).rows).toEqual([
    { partition: null },
  ])
})
