import { afterAll, beforeAll, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import type { Materializer } from '../../src/materializer.ts'
import type { Observe } from '../../src/observe.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { Targets } from '../../src/toolkit/targets.ts'
import { openToolkit, Toolkit } from '../../src/toolkit.ts'
import { startWorker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig } from '../support/market.ts'
import { Observed } from '../support/observed.ts'

const target = 'plain_order@table'

let database: TestDatabase

beforeAll(async () => {
  database = await createMarket()
})
afterAll(() => database.close())

/**
 * Places orders one by one until so many pages were applied. Returns when the worker had the lease and when each page began,
 * in milliseconds.
 */
async function pagesOf(pages: number, firstOrder: number, pace?: number): Promise<{ leased: number; began: number[] }> {
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
  const observed = new Observed()
  let leased = Number.POSITIVE_INFINITY
  const observe: Observe = (observation) => {
    if (observation.kind === 'target.leased') {
      leased = performance.now()
      began.length = 0 // the pages with which its build has caught up
    }
    observed.observe(observation)
  }
  const worker = await startWorker(toolkit, { targets: [target], observe })
  try {
    await observed.when('target.leased')
    for (let order = firstOrder; began.length < pages; order++) {
      const placed = { quantity: 1, productId: 1, day: '2026-01-01' }
      await inOneTransaction(database.pool, (client) => placeOrder(client, order, placed))
    }
    await expectAgreement(database.url, [table])
    return { leased, began }
  } finally {
    await worker.stop()
    await toolkit.close()
  }
}

const pace = 300

it('gathers small pages where each has a cost of its own, and loses nothing by it', async () => {
  const { leased, began } = await pagesOf(6, 1, pace)
  // A page that a pause of the machine makes late is followed by one in time, so single spans say nothing.
  expect(began.at(-1)! - leased).toBeGreaterThan((began.length - 1) * (pace - 1)) // a timer is early by part of a millisecond
})

it('applies each page as soon as it is there where nothing speaks against it', async () => {
  const { began } = await pagesOf(20, 1_000_000)
  const spans = began.slice(1).map((at, place) => at - (began[place] as number))
  expect(Math.min(...spans)).toBeLessThan(pace / 2)
})
