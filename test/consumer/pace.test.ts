import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import type { Materializer } from '../../src/materializer.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { Targets } from '../../src/toolkit/targets.ts'
import { openToolkit, Toolkit } from '../../src/toolkit.ts'
import { startWorker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig } from '../support/market.ts'

const target = 'plain_order@table'

let database: TestDatabase

beforeAll(async () => {
  database = await createMarket()
})
afterAll(() => database.close())

/** Places orders one by one for two seconds. Returns when each page began, in milliseconds. */
async function pagesOf(pace: number | undefined, firstOrder: number): Promise<number[]> {
  const { config, pool, targets } = await openToolkit(resolveConfig(marketConfig({ database: database.url })))
  const began: number[] = []
  const table = eventFed(targets.get(target) as Materializer)
  const paced: Materializer = {
    ...table,
    ...(pace && { pace }),
    apply(...page) {
      began.push(performance.now())
      return table.apply(...page)
    },
  }
  const toolkit = new Toolkit(config, pool, new Targets(config, pool, new Map([...targets, [target, paced]])))
  const worker = await startWorker(toolkit, { targets: [target] })
  try {
    await vi.waitUntil(async () => (await table.prepare()).state === 'ready', { timeout: 20_000 })
    const end = performance.now() + 2_000
    for (let order = firstOrder; performance.now() < end; order++) {
      const placed = { quantity: 1, productId: 1, day: '2026-01-01' }
      await inOneTransaction(database.pool, (client) => placeOrder(client, order, placed))
    }
    await expectAgreement(database.url, [table])
    return began
  } finally {
    await worker.stop()
    await toolkit.close()
  }
}

it('gathers small pages where each has a cost of its own, and loses nothing by it', async () => {
  const pace = 300
  const began = await pagesOf(pace, 1)
  expect(began.length).toBeGreaterThan(3)
  // A page may begin late, and the next one in time; never are two within one span of the pace, but for the timer's millisecond.
  const spans = began.slice(1).map((at, place) => at - (began[place] as number))
  expect(spans.filter((span) => span < pace / 2)).toEqual([])
  expect((began.at(-1)! - began[0]!) / (began.length - 1)).toBeGreaterThanOrEqual(0.9 * pace)
})

it('applies each page as soon as it is there where nothing speaks against it', async () => {
  const began = await pagesOf(undefined, 1_000_000)
  expect(began.length).toBeGreaterThan(2_000 / 300 + 3)
})
