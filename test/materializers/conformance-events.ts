import { afterEach, expect, it } from 'vitest'
import type { ReadModel } from '../../src/read-model.ts'
import { patch, recompute } from '../../src/read-model.ts'
import { Random } from '../feed/random.ts'
import {
  advanceOrder,
  changeImage,
  changeQuantity,
  deleteOrder,
  inOneTransaction,
  MarketWriter,
  moveOrder,
  placeOrder,
} from '../support/market/writer.ts'
import { dayTotal } from '../support/market.ts'
import type { TargetDriver } from '../support/target-driver.ts'
import { type Conforming, fillMarket, type MarketModel, type Stand } from './conformance-stand.ts'

const day = '2026-01-01'
const every: MarketModel[] = ['plain_order', 'day_total', 'pictured_order']

/** A target that applies events and moves a cursor. */
export function eventFedConformance(open: () => Stand, conforming: Conforming): void {
  afterEach(() => open().clear())
  const commit = <T>(work: Parameters<typeof inOneTransaction<T>>[1]) => inOneTransaction(open().database.pool, work)
  const built = async (name: MarketModel, over?: Partial<ReadModel>): Promise<TargetDriver> => {
    const driver = await open().target(name, over)
    await driver.rebuild()
    return driver
  }

  it.each([1, 2, 7, 5_000])('equals the definition after every operation, in pages of %i', async (pageSize) => {
    await fillMarket(open(), 4)
    const drivers = await Promise.all(every.map((name) => built(name)))
    const leases = await Promise.all(drivers.map((driver) => driver.lease()))
    const writer = await MarketWriter.open(open().database.url, new Random(pageSize))
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < (pageSize === 1 ? 4 : 12); n++) await writer.transaction()
      for (const [place, driver] of drivers.entries()) await driver.catchUp(leases[place]!, pageSize)
    }
    await writer.close()
    for (const driver of drivers) await open().expectEqual(driver)
  })

  it('sets, patches and removes rows', async () => {
    const driver = await built('plain_order')
    const lease = await driver.lease()
    await commit(async (client) => {
      await placeOrder(client, 1, { quantity: 2, productId: 1, day, labels: ['x'], extra: { b: 1, a: null } })
      await placeOrder(client, 2, { quantity: 3, productId: 1, day, note: 'two' })
      await advanceOrder(client, 1, 1)
      await placeOrder(client, 3, { quantity: 4, productId: 2, day })
      await deleteOrder(client, 2)
    })
    expect(await driver.catchUp(lease)).toBe(1)
    await open().expectEqual(driver)
    await commit(async (client) => {
      await advanceOrder(client, 1, 2)
      await changeQuantity(client, 3, 9)
      await placeOrder(client, 2, { quantity: 5, productId: 3, day, note: 'again under the same key' })
    })
    await driver.catchUp(lease)
    await commit((client) => deleteOrder(client, 3))
    await driver.catchUp(lease)
    await open().expectEqual(driver)
    expect(await driver.expected()).toHaveLength(2)
  })

  it('recomputes a key whose patched row is missing', async () => {
    const { OrderAdvanced, QuantityChanged } = (await open().target('plain_order')).materializer.context.model
      .on as never
    const driver = await built('plain_order', { on: { OrderAdvanced, QuantityChanged } })
    const lease = await driver.lease()
    await commit((client) => placeOrder(client, 1, { quantity: 2, productId: 1, day }))
    await driver.catchUp(lease)
    expect(await open().rows(driver)).toEqual([])
    await commit((client) => advanceOrder(client, 1, 1))
    await driver.catchUp(lease)
    await open().expectEqual(driver)
    await commit((client) => changeQuantity(client, 1, 7))
    await driver.catchUp(lease)
    await open().expectEqual(driver)
  })

  it('leaves a key without a row where its patched row is missing in the definition too', async () => {
    const on: ReadModel['on'] = {
      OrderDeleted: (event) => patch([(event as { orderId: number }).orderId], { status: 1 }),
    }
    const driver = await built('plain_order', { on })
    const lease = await driver.lease()
    await commit(async (client) => {
      await placeOrder(client, 1, { quantity: 2, productId: 1, day })
      await deleteOrder(client, 1)
    })
    await driver.catchUp(lease)
    expect(await open().rows(driver)).toEqual([])
  })

  it('folds from the initial row, and removes the row that a fold ends with null', async () => {
    const driver = await built('day_total')
    const lease = await driver.lease()
    const key = { quantity: 2, productId: 1, day }
    await commit((client) => placeOrder(client, 1, key))
    await driver.catchUp(lease)
    expect(await open().rows(driver)).toEqual([{ day, product_id: 1, orders: 1, quantity: 2 }])
    await commit(async (client) => {
      await placeOrder(client, 2, { ...key, quantity: 5 })
      await changeQuantity(client, 1, 3)
      await moveOrder(client, 1, 2)
    })
    await driver.catchUp(lease)
    await open().expectEqual(driver)
    await commit((client) => deleteOrder(client, 2))
    await driver.catchUp(lease)
    expect(await open().rows(driver)).toEqual([{ day, product_id: 2, orders: 1, quantity: 3 }])
    await commit((client) => placeOrder(client, 2, key))
    await driver.catchUp(lease)
    await open().expectEqual(driver)
  })

  it('reads related rows again: those that the definition finds now and those that the target holds', async () => {
    await fillMarket(open(), 4)
    const driver = await built('pictured_order')
    const lease = await driver.lease()
    const { rows } = await open().database.pool.query('select id from orders where product_id = 1')
    await commit((client) => changeImage(client, 1, 'new picture'))
    await driver.feed.tick()
    await commit((client) => moveOrder(client, Number(rows[0].id), 2)) // not in the window that is applied now
    const pages = driver.pages(lease)
    await pages.step()
    await pages.isLost()
    await open().expectEqual(driver)
    await driver.catchUp(lease)
    await open().expectEqual(driver)
  })

  it('drops events that the build shows, and applies those that it does not', async () => {
    const { database } = open()
    const late = await database.pool.connect()
    await late.query('begin')
    await placeOrder(late, 9, { quantity: 100, productId: 1, day })
    await commit((client) => placeOrder(client, 1, { quantity: 1, productId: 1, day }))
    const driver = await built('day_total')
    await late.query('commit')
    late.release()
    const lease = await driver.lease()
    await driver.catchUp(lease)
    expect(await open().rows(driver)).toEqual([{ day, product_id: 1, orders: 2, quantity: 101 }])
  })

  it('drops events that a recompute shows, and applies those that come after it', async () => {
    const on = { ...dayTotal.on, QuantityChanged: keyOfDay } as ReadModel['on']
    const driver = await built('day_total', { on })
    const lease = await driver.lease()
    const order = { quantity: 10, productId: 1, day }
    await commit((client) => placeOrder(client, 1, order))
    await driver.catchUp(lease)
    const late = await open().database.pool.connect()
    await late.query('begin')
    await placeOrder(late, 2, order)
    await commit((client) => changeQuantity(client, 1, 15))
    await driver.feed.tick()
    await commit((client) => placeOrder(client, 3, order)) // after the window, before the recompute
    const pages = driver.pages(lease)
    await pages.step()
    await pages.isLost()
    expect(await open().rows(driver)).toEqual([{ day, product_id: 1, orders: 2, quantity: 25 }])
    await late.query('commit')
    late.release()
    await driver.catchUp(lease, 1)
    expect(await open().rows(driver)).toEqual([{ day, product_id: 1, orders: 3, quantity: 35 }])
    await commit((client) => deleteOrder(client, 3))
    await driver.catchUp(lease)
    await commit((client) => placeOrder(client, 4, order))
    await driver.catchUp(lease)
    await open().expectEqual(driver)
  })

  it('does not apply a page twice whose cursor was not moved', async () => {
    const driver = await built('day_total')
    const lease = await driver.lease()
    await commit((client) => placeOrder(client, 1, { quantity: 10, productId: 1, day }))
    await driver.catchUp(lease)
    await commit((client) => placeOrder(client, 2, { quantity: 10, productId: 1, day }))
    await driver.feed.tick()
    await raise('version', lease.generation.id)
    const pages = driver.pages(lease)
    await pages.step()
    expect(await pages.isLost()).toBe(true)
    await expireLeases()
    const next = await driver.lease()
    expect(next.epoch).toBe(lease.epoch + 1)
    expect(next.cursor.ordinal).toBe(lease.cursor.ordinal)
    await driver.catchUp(next)
    await open().expectEqual(driver)
  })

  // What another process holds in its memory is another target.
  if (conforming.rows === undefined)
    it('applies nothing once the lease is lost', async () => {
      const driver = await built('plain_order')
      const lease = await driver.lease()
      const other = await open().target('plain_order')
      await expireLeases()
      const taken = await other.lease()
      await commit((client) => placeOrder(client, 1, { quantity: 2, productId: 1, day }))
      await driver.feed.tick()
      const pages = driver.pages(lease)
      await pages.step()
      expect(await pages.isLost()).toBe(true)
      expect(await open().rows(driver)).toEqual([])
      await other.catchUp(taken)
      await open().expectEqual(other)
    })

  /** As if every owner had been frozen for longer than its lease, with a backend that cannot be ended. */
  const expireLeases = () =>
    open().database.pool.query(`update trifold.consumers set lease_until = '-infinity', backend_pid = null`)
  const raise = (column: 'version', generation: string) =>
    open().database.pool.query(`update trifold.consumers set ${column} = ${column} + 1 where generation_id = $1`, [
      generation,
    ])
}

const keyOfDay = (event: { day: string; productId: number }) => recompute([[event.day, event.productId]])
