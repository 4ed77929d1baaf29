import { afterAll, beforeAll, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { openClient } from '../../src/database.ts'
import { pruneWindows } from '../../src/feed/prune.ts'
import { ensurePartitions } from '../../src/outbox/partitions.ts'
import { applyRetention } from '../../src/outbox/retention.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { fewOrMany } from '../support/long.ts'
import { expectAgreement, whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig } from '../support/market.ts'

const days = 30
const eventsADay = fewOrMany(300, 5_000)
const partsOfDay = fewOrMany(2, 4)
const retainDays = 3
const day = 86_400_000

let database: TestDatabase
let toolkit: Toolkit
let worker: Worker

beforeAll(async () => {
  database = await createMarket()
  toolkit = await openToolkit(resolveConfig(marketConfig({ database: database.url })))
  worker = await startWorker(toolkit)
  await inOneTransaction(database.pool, (client) =>
    placeOrder(client, 1, { quantity: 2, productId: 1, day: '2026-01-01' }),
  )
})
afterAll(async () => {
  await worker?.stop()
  await toolkit?.close()
  await database?.close()
})

/** Events of which each leaves the rows as they are. */
const appendEvents = (count: number) =>
  database.pool.query(
    `insert into trifold.outbox (era, type, aggregate, payload)
    select 1, 'QuantityChanged', 'order:1',
      '{"orderId": 1, "quantity": 2, "productId": 1, "day": "2026-01-01", "difference": 0}'
    from generate_series(1, $1::integer)`,
    [count],
  )

/** A part of a day goes by: what is kept is older by so much. */
async function pass(milliseconds: number): Promise<void> {
  const earlier = `- ${milliseconds} * interval '1 millisecond'`
  await database.pool.query(`update trifold.outbox set appended_at = appended_at ${earlier}`)
  await database.pool.query(
    `update trifold.windows
    set taken_at = taken_at ${earlier}, oldest_appended_at = oldest_appended_at ${earlier}`,
  )
}

async function maintain(): Promise<void> {
  const client = await openClient(database.url, { name: 'maintenance' })
  const prune = () => pruneWindows(client, { keepMilliseconds: day / 24 })
  try {
    await ensurePartitions(client)
    await prune()
    const retention = { retain: retainDays * day, partitionBytes: 2 ** 30, cap: 2 ** 40, isConfigured: () => true }
    await applyRetention(client, retention, prune)
  } finally {
    await client.end()
  }
}

/** Bytes are not among it: moving the clock writes every event again. */
interface Kept {
  events: number
  partitions: number
  windows: number
}

async function kept(): Promise<Kept> {
  const { rows } = await database.pool.query(
    `select
      (select count(*)::integer from trifold.outbox) as events,
      count(*)::integer as partitions,
      (select count(*)::integer from trifold.windows) as windows
    from pg_inherits
    where inhparent = 'trifold.outbox'::regclass`,
  )
  return rows[0]
}

it(`the outbox is flat over ${days} days of ${eventsADay} events`, { timeout: 600_000 }, async () => {
  const evenings: Kept[] = []
  for (let one = 0; one < days; one++) {
    for (let part = 0; part < partsOfDay; part++) {
      await appendEvents(eventsADay / partsOfDay)
      await whenApplied(database.url, toolkit.targetNames)
      await pass(day / partsOfDay)
      await maintain()
    }
    evenings.push(await kept())
  }
  const [before, after] = [evenings.slice(7, 10), evenings.slice(-3)]
  const most = (some: Kept[], what: keyof Kept) => Math.max(...some.map((evening) => evening[what]))
  expect(most(evenings, 'events')).toBeLessThanOrEqual((retainDays + 2) * eventsADay)
  for (const what of ['events', 'partitions', 'windows'] as const)
    expect(most(after, what), `${what}: ${JSON.stringify(evenings)}`).toBeLessThanOrEqual(most(before, what) + 1)
  // The part that came `retainDays` before the evening has been kept for as long as it has to be.
  const least = (retainDays - 1 / partsOfDay) * eventsADay
  expect(Math.min(...after.map(({ events }) => events))).toBeGreaterThanOrEqual(least)
  await expectAgreement(database.url, toolkit.targets.values())
})
