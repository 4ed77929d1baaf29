import type { EntityManager } from '@mikro-orm/postgresql'
import { Order } from '../entities/order.ts'
import { loadCustomer, loadProduct } from '../load.ts'
import { nextOrderNumber } from '../order-number.ts'
import type { Random } from '../random.ts'
import type { Shop } from '../shop.ts'
import { percentile } from './percentile.ts'
import type { ShopIds } from './seed.ts'

/** The middle time of a transaction that places an order, in milliseconds. */
export interface WriteCost {
  withEvents: number
  withoutEvents: number
  pairs: number
}

const warmUp = 10
const pairs = 60

/**
 * Places orders with and without their events by turns. It runs before the targets are built: an order without an event
 * reaches table and search by their build only.
 */
export async function measureWriteCost(
  shop: Shop,
  ids: ShopIds,
  random: Random,
  signal: AbortSignal,
): Promise<WriteCost> {
  const withEvents: number[] = []
  const withoutEvents: number[] = []
  for (let pair = -warmUp; pair < pairs; pair++) {
    signal.throwIfAborted()
    const order = { customerId: random.pick(ids.customers), productId: random.pick(ids.products) }
    const appended = await timed(() => placeWithEvents(shop, order))
    const silent = await timed(() => placeWithoutEvents(shop, order))
    if (pair < 0) continue
    withEvents.push(appended)
    withoutEvents.push(silent)
  }
  return { withEvents: percentile(withEvents, 0.5)!, withoutEvents: percentile(withoutEvents, 0.5)!, pairs }
}

interface SmallOrder {
  customerId: number
  productId: number
}

const placeWithEvents = (shop: Shop, { customerId, productId }: SmallOrder) =>
  shop.placeOrder({ customerId, lines: [{ productId, quantity: 1 }] })

/** The same statements as the command, but for the append and the commit token. */
const placeWithoutEvents = (shop: Shop, { customerId, productId }: SmallOrder) =>
  shop.orm.em.fork().transactional(async (em) => {
    const customer = await loadCustomer(em as EntityManager, customerId)
    const order = Order.place({
      number: await nextOrderNumber(em as EntityManager),
      customer,
      address: customer.deliveryAddress(),
      lines: [{ product: await loadProduct(em as EntityManager, productId), quantity: 1 }],
      now: new Date(),
    })
    em.persist(order)
    await em.flush()
  })

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}
