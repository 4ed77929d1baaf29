import type pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { openClient } from '../../src/database.ts'
import { recompute } from '../../src/read-model.ts'
import { scheduled } from '../../src/testing/feeds.ts'
import { waitForLockWaiters } from '../support/lock-waiters.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { fillMarket, type Stand } from './conformance-stand.ts'

/**
 * TRUNCATE is not seen by its transaction's snapshot: whoever waited for its lock with a snapshot of before finds the
 * table empty, and would record that it shows what it does not.
 */
export function reloadConformance(open: () => Stand, fedBy: 'events' | 'schedule'): void {
  describe('beside a table that is emptied and loaded again', () => {
    afterEach(() => open().clear())

    /** Reloads the orders while `work` waits for them, and ends both. */
    const beside = async <T>(work: () => Promise<T>): Promise<T> => {
      const client: pg.Client = await openClient(open().database.url, { name: 'reload' })
      try {
        await client.query('begin')
        await client.query('create temporary table kept on commit drop as select * from orders')
        await client.query('truncate orders')
        const waiting = work()
        waiting.catch(() => {}) // awaited below
        await waitForLockWaiters(open().database.pool, 1)
        await client.query('insert into orders select * from kept')
        await client.query('commit')
        return await waiting
      } finally {
        await client.end()
      }
    }

    it('is built with its rows', async () => {
      await fillMarket(open())
      const driver = await open().target('plain_order')
      await beside(() => driver.rebuild())
      expect(await open().rows(driver)).toHaveLength(12)
      await open().expectEqual(driver)
    })

    if (fedBy === 'schedule')
      it('is refreshed with its rows', async () => {
        await fillMarket(open())
        const driver = await open().target('plain_order')
        await driver.rebuild()
        await beside(() => scheduled(driver.materializer).refresh())
        expect(await open().rows(driver)).toHaveLength(12)
      })

    if (fedBy === 'events')
      it('recomputes a key with its row', async () => {
        await fillMarket(open())
        const driver = await open().target('plain_order', {
          on: { OrderPlaced: (event) => recompute([[(event as { orderId: number }).orderId]]) },
        })
        await driver.rebuild()
        const lease = await driver.lease()
        await inOneTransaction(open().database.pool, (client) =>
          placeOrder(client, 100, { quantity: 2, productId: 1, day: '2026-01-01' }),
        )
        await beside(() => driver.catchUp(lease))
        await open().expectEqual(driver)
        expect(await open().rows(driver)).toHaveLength(13)
      })
  })
}
