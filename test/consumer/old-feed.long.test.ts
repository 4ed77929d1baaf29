import { afterEach, beforeEach, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { Projector } from '../../src/consumer/projector.ts'
import { consume } from '../../src/consumer.ts'
import { openClient } from '../../src/database.ts'
import { raiseEra } from '../../src/era.ts'
import { Feed } from '../../src/feed.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker } from '../../src/worker.ts'
import { copyDatabase, type TestDatabase } from '../support/database.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { until } from '../support/until.ts'

const target = 'plain_order@table'

let database: TestDatabase
let toolkit: Toolkit
let lost: TestDatabase | undefined

beforeEach(async () => {
  database = await createMarket()
  const models = { plain_order: { ...plainOrder, targets: { table: {} } } }
  toolkit = await openToolkit(resolveConfig(marketConfig({ database: database.url }, models)))
})
afterEach(async () => {
  await toolkit.close()
  await lost?.close()
  await database.close()
})

const place = ({ pool }: TestDatabase, id: number) =>
  inOneTransaction(pool, async (client) => {
    await placeOrder(client, id, { quantity: 1, productId: 1, day: '2026-01-01' })
    return toolkit.token(client as never)
  })
const shown = async () => (await toolkit.target(target).find({})).rows.map(({ order_id }) => order_id)

/** The primary that a failover has left behind goes on, and so does a feed of this process on it. */
async function failedOver(): Promise<Feed> {
  const worker = await startWorker(toolkit, { targets: [target] })
  await toolkit.readModel('plain_order').find({ after: await place(database, 1), timeout: '90s' })
  await worker.stop()
  lost = await copyDatabase(database)
  const client = await openClient(database.url, { name: 'failover' })
  await raiseEra(client, 1, undefined, 'log').finally(() => client.end())
  return Feed.open(lost.url)
}

it('a consumer reads nothing from the feed of a server that was failed over', async () => {
  const left = await failedOver()
  const right = await Feed.open(database.url)
  const stop = new AbortController()
  const observed = new Observed()
  const { materializer, projector } = await theTarget()
  let feed = left
  const consuming = consume({
    materializer,
    projector,
    feed: async () => feed,
    signal: stop.signal,
    observe: observed.observe,
  })
  try {
    await place(lost as TestDatabase, 2)
    expect((await left.tick()).stored).toBe(true)
    await observed.when('target.leased')
    await place(database, 3)
    await right.tick()
    feed = right
    await until('it reads from the right one', async () => (await shown()).includes(3))
    expect(await shown()).toEqual([1, 3])
  } finally {
    stop.abort()
    await consuming
    await left.close()
    await right.close()
  }
})

async function theTarget() {
  const materializer = eventFed(await toolkit.current(target))
  const { definition, model } = materializer.context
  return { materializer, projector: new Projector(definition, model, toolkit.config.events) }
}
