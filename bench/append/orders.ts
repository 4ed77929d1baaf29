import type { EntityManager } from '@mikro-orm/postgresql'
import { Order } from '../../examples/shop/entities/order.ts'
import { generateBulk } from '../../examples/shop/generate-bulk.ts'
import { loadCustomer, loadProduct } from '../../examples/shop/load.ts'
import { migrateShop } from '../../examples/shop/migrate.ts'
import { nextOrderNumber } from '../../examples/shop/order-number.ts'
import { openShop, type Shop } from '../../examples/shop/shop.ts'
import { migrate } from '../../src/migrate.ts'
import type { BenchContext } from '../bench.ts'
import { type Figure, figureOf } from '../figure.ts'
import { type ClosedLoop, closedLoop } from './closed-loop.ts'

const writers = 4
const customers = 200
const products = 100

/** The shop's command to place an order, through its ORM, against the same unit of work without events and token. */
export async function appendToOrders({ options, createDatabase, log }: BenchContext): Promise<Figure[]> {
  const database = await createDatabase('bench_append_orders')
  await migrate(database.url)
  await migrateShop(database.url)
  await generateBulk(database.pool, { orders: 1_000, customers, products })
  const shop = await openShop(database.url, { poolSize: writers })
  try {
    const seconds = Math.min(options.seconds, 8)
    await closedLoop(writers, 1, () => placeBare(shop)) // the compiler's and the caches' part
    const rounds: { full: ClosedLoop; bare: ClosedLoop }[] = []
    for (let round = 0; round < options.rounds; round++) {
      const bare = await closedLoop(writers, seconds, () => placeBare(shop))
      const full = await closedLoop(writers, seconds, () => shop.placeOrder({ customerId: customer(), lines: lines() }))
      log(`place an order: ${Math.round(full.rate)}/s with append, ${Math.round(bare.rate)}/s without`)
      rounds.push({ full, bare })
    }
    return figuresOf(rounds)
  } finally {
    await shop.close()
  }
}

/** As the command does it, except that the facts of the order stay untold. */
async function placeBare(shop: Shop): Promise<void> {
  await shop.orm.em.fork().transactional(async (em) => {
    const manager = em as EntityManager
    const by = await loadCustomer(manager, customer())
    const chosen = []
    for (const { productId, quantity } of lines())
      chosen.push({ product: await loadProduct(manager, productId), quantity })
    em.persist(
      Order.place({
        number: await nextOrderNumber(manager),
        customer: by,
        address: by.deliveryAddress(undefined),
        lines: chosen,
        now: new Date(),
      }),
    )
    await em.flush()
  })
}

const upTo = (most: number): number => 1 + Math.floor(Math.random() * most)
const customer = (): number => upTo(customers)

/** Three lines of three products. */
function lines(): { productId: number; quantity: number }[] {
  const first = upTo(products - 2)
  return [0, 1, 2].map((next) => ({ productId: first + next, quantity: 1 + next }))
}

function figuresOf(rounds: { full: ClosedLoop; bare: ClosedLoop }[]): Figure[] {
  const bench = 'append'
  const figure = (name: string, unit: string, of: keyof ClosedLoop, goal: { atLeast?: number; atMost?: number }) =>
    figureOf({
      bench,
      name,
      unit,
      rounds: rounds.map(({ full }) => full[of]),
      control: { name: 'without append and token', rounds: rounds.map(({ bare }) => bare[of]) },
      goal: { of: 'ratio', ...goal },
    })
  return [
    figure('place an order through the ORM: p50', 'ms', 'p50', { atMost: 1.1 }),
    figure('place an order through the ORM: throughput', 'orders/s', 'rate', { atLeast: 0.9 }),
  ]
}
