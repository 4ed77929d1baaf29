import type { EntityManager } from '@mikro-orm/postgresql'
import { Order } from '../../examples/shop/entities/order.ts'
import { takeFacts } from '../../examples/shop/facts.ts'
import { generateBulk } from '../../examples/shop/generate-bulk.ts'
import { loadCustomer, loadProduct } from '../../examples/shop/load.ts'
import { migrateShop } from '../../examples/shop/migrate.ts'
import { nextOrderNumber } from '../../examples/shop/order-number.ts'
import { outbox } from '../../examples/shop/outbox.ts'
import { openShop, type Shop } from '../../examples/shop/shop.ts'
import { migrate } from '../../src/migrate.ts'
import { mikroOrmExecutor } from '../../src/outbox/adapters/mikro-orm.ts'
import type { BenchContext } from '../bench.ts'
import { type Figure, figureOf, type Goal } from '../figure.ts'
import { type ClosedLoop, closedLoop } from './closed-loop.ts'

const bench = 'append'
const writers = 4
const customers = 200
const products = 100

/** Placing an order through the shop's ORM: without events, with the append, and as the shop's command, with a token too. */
export async function appendToOrders({ options, createDatabase, log }: BenchContext): Promise<Figure[]> {
  const database = await createDatabase('bench_append_orders')
  await migrate(database.url)
  await migrateShop(database.url)
  await generateBulk(database.pool, { orders: 1_000, customers, products })
  const shop = await openShop(database.url, { poolSize: writers })
  const seconds = Math.min(options.seconds, 8)
  const measure = (write: () => Promise<unknown>) => closedLoop(writers, seconds, write)
  try {
    await closedLoop(writers, 1, () => place(shop, true)) // the compiler's and the caches' part
    const rounds: Round[] = []
    for (let round = 0; round < options.rounds; round++) {
      const bare = await measure(() => place(shop, false))
      const append = await measure(() => place(shop, true))
      const command = await measure(() => shop.placeOrder({ customerId: customer(), lines: lines() }))
      log(
        `orders/s: ${Math.round(bare.rate)} without, ${Math.round(append.rate)} with append, ${Math.round(command.rate)} with token`,
      )
      rounds.push({ bare, append, command })
    }
    return figuresOf(rounds)
  } finally {
    await shop.close()
  }
}

interface Round {
  bare: ClosedLoop
  append: ClosedLoop
  command: ClosedLoop
}

/** What the shop's command does, without its unit of work; without the event if `tells` is false. */
async function place(shop: Shop, tells: boolean): Promise<void> {
  await shop.orm.em.fork().transactional(async (em) => {
    const manager = em as EntityManager
    const buyer = await loadCustomer(manager, customer())
    const chosen = []
    for (const { productId, quantity } of lines()) {
      chosen.push({ product: await loadProduct(manager, productId), quantity })
    }
    const number = await nextOrderNumber(manager)
    const address = buyer.deliveryAddress(undefined)
    const order = Order.place({ number, customer: buyer, address, lines: chosen, now: new Date() })
    em.persist(order)
    await em.flush()
    if (tells) await tell(manager, order)
  })
}

async function tell(em: EntityManager, order: Order): Promise<void> {
  const events = takeFacts([order]).map(({ fact }) => ({
    type: fact.type,
    aggregate: `order:${order.id}`,
    payload: { orderId: order.id, ...fact.values },
  }))
  await outbox.append(mikroOrmExecutor(em), events as Parameters<typeof outbox.append>[1])
}

const upTo = (most: number): number => 1 + Math.floor(Math.random() * most)
const customer = (): number => upTo(customers)

/** Three lines of three products. */
function lines(): { productId: number; quantity: number }[] {
  const first = upTo(products - 2)
  return [0, 1, 2].map((next) => ({ productId: first + next, quantity: 1 + next }))
}

function figuresOf(rounds: Round[]): Figure[] {
  const figure = (what: 'append' | 'command', unit: string, of: keyof ClosedLoop, goal?: Goal) =>
    figureOf({
      bench,
      name: `place an order through the ORM, ${names[what]}: ${of === 'p50' ? 'p50' : 'throughput'}`,
      unit,
      rounds: rounds.map((round) => round[what][of]),
      control: { name: 'without append', rounds: rounds.map(({ bare }) => bare[of]) },
      ...(goal && { goal }),
    })
  return [
    figure('append', 'ms', 'p50', { of: 'ratio', atMost: 1.1 }),
    figure('append', 'orders/s', 'rate', { of: 'ratio', atLeast: 0.9 }),
    figure('command', 'ms', 'p50'),
    figure('command', 'orders/s', 'rate'),
  ]
}

const names = { append: 'with append', command: 'with append and token' }
