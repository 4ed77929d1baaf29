import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { rebuild } from '../../src/operator/rebuild.ts'
import { status } from '../../src/operator/status.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker, type WorkerOptions } from '../../src/worker.ts'
import { spoiledBy, spoilWrites } from '../rebuild/spoiled.ts'
import type { TestDatabase } from '../support/database.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_RANGE_ROWS = '2'
})

const target = 'plain_order@table'
const orders = [1, 2, 3]

let database: TestDatabase
let toolkit: Toolkit
let worker: Worker | undefined
let observed: Observed
beforeEach(async () => {
  database = await createMarket()
  for (const id of orders)
    await inOneTransaction(database.pool, (client) =>
      placeOrder(client, id, { quantity: 1, productId: 1, day: '2026-01-01' }),
    )
  toolkit = await openToolkit(resolveConfig(marketConfig({ database: database.url }, { plain_order: plainOrder })))
  observed = new Observed()
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  await toolkit.close()
  await database.close()
})

const start = async (options: WorkerOptions = {}) => {
  worker = await startWorker(toolkit, { observe: observed.observe, ...options })
}
const quantities = async () => (await toolkit.target(target).find({ sort: 'order_id' })).rows.map((row) => row.quantity)

/** What is built from now on has a wrong quantity; with `forGood` no repair puts it right. */
function spoil({ forGood = false } = {}): void {
  const materializer = toolkit.target(target)
  const spoiled = spoiledBy({ ...eventFed(materializer) }, async ({ storage }) => {
    await database.pool.query(`update trifold.${storage} set quantity = 100 where order_id = 2`)
    if (forGood) await spoilWrites(database.pool, { storage })
  })
  Object.assign(materializer, { build: spoiled.build })
}

it('repairs what it has built before readers see it', async () => {
  spoil()
  await start()
  await observed.when('target.leased')
  expect(observed.of('rebuild.repaired')).toMatchObject([{ target, generation: 1, differences: 1 }])
  expect(observed.of('rebuild.verified')).toMatchObject([{ target, generation: 1 }])
  expect(await quantities()).toEqual([1, 1, 1])
})

it('serves it as it is without the comparison (mutant)', async () => {
  spoil()
  await start({ verifyBuilds: false })
  await observed.when('target.leased')
  expect(observed.of('rebuild.verifying', 'rebuild.verified')).toEqual([])
  expect(await quantities()).toEqual([1, 100, 1])
})

it('stops at what no repair puts right: the generation before serves on, and a sound rebuild takes the target back', async () => {
  await rebuild(toolkit, target)
  const { build } = toolkit.target(target)
  await database.pool.query(`update trifold.generations set settings = '{"indexes": [["day"]]}'`) // so that the worker rebuilds
  spoil({ forGood: true })
  await start()
  expect(await observed.when('target.stopped')).toMatchObject([
    {
      target,
      error: { code: 'REBUILD_DIFFERS', message: expect.stringMatching(/rebuild plain_order@table --no-verify/) },
    },
  ])
  expect(await quantities()).toEqual([1, 1, 1])
  expect((await status(toolkit)).targets).toMatchObject([
    { target, verdict: 'red', reason: expect.stringMatching(/rows still differ from the definition/) },
  ])
  Object.assign(toolkit.target(target), { build })
  await rebuild(toolkit, target)
  expect(await observed.when('target.leased')).toMatchObject([{ generation: 3 }])
})
