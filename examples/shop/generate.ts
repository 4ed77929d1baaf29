import type { EntityManager } from '@mikro-orm/postgresql'
import { Customer } from './entities/customer.ts'
import { Order } from './entities/order.ts'
import { Product } from './entities/product.ts'
import { nextOrderNumber } from './order-number.ts'
import type { ShopOrm } from './orm.ts'
import { createRandom, type Random } from './random.ts'
import { unitOfWork } from './unit-of-work.ts'

export interface GenerateOptions {
  orm: ShopOrm
  /** Default 1. */
  seed?: number
  customers?: number
  products?: number
  orders?: number
  /** The time of the newest order; the others lie in the thirty days before. Default: now. */
  until?: Date
  /** Called after each unit of work. */
  onProgress?: (progress: { done: number; of: number }) => void
  signal?: AbortSignal
}

export interface GenerateReport {
  customers: number
  products: number
  /** Placed, including those that were deleted again. */
  orders: number
  ordersDeleted: number
  seconds: number
}

const hour = 60 * 60 * 1000
const ordersAtOnce = 50

/**
 * Fills the shop through its write model, with events: customers, products with pictures, and orders that have got
 * differently far. The same options on an empty database give the same rows.
 */
export async function generateShop(options: GenerateOptions): Promise<GenerateReport> {
  const started = performance.now()
  const { orm, customers = 50, products = 40, orders = 500 } = options
  const random = createRandom(options.seed ?? 1)
  const until = (options.until ?? new Date()).getTime()
  const ids = await stock(orm, random, customers, products, new Date(until - 31 * 24 * hour))
  let ordersDeleted = 0
  for (let done = 0; done < orders; done += ordersAtOnce) {
    options.signal?.throwIfAborted()
    const count = Math.min(ordersAtOnce, orders - done)
    const times = Array.from({ length: count }, (_, n) => until - 30 * 24 * hour * (1 - (done + n + 1) / orders))
    ordersDeleted += await trade(orm, random, ids, times, until)
    options.onProgress?.({ done: done + count, of: orders })
  }
  return { customers, products, orders, ordersDeleted, seconds: (performance.now() - started) / 1000 }
}

interface Ids {
  customers: number[]
  products: number[]
}

async function stock(orm: ShopOrm, random: Random, customers: number, products: number, now: Date): Promise<Ids> {
  const { result } = await unitOfWork(orm, async (em) => {
    const first = await firstFree(em)
    const people = Array.from({ length: customers }, (_, n) => customerNumber(first + n, random, now))
    const goods = Array.from({ length: products }, (_, n) => productNumber(first + n, random))
    em.persist([...people, ...goods])
    return { people, goods }
  })
  return { customers: result.people.map(({ id }) => id), products: result.goods.map(({ id }) => id) }
}

/** Names carry numbers that no earlier run has used. */
async function firstFree(em: EntityManager): Promise<number> {
  return 1 + Math.max(await em.count(Customer), await em.count(Product))
}

const givenNames = ['Ada', 'Ben', 'Chloé', 'David', 'Emma', 'Farid', 'Grace', 'Hana', 'Ivan', 'Jürgen', 'Kofi', 'Łucja']
const familyNames = ['Smith', 'Jones', 'García', 'Müller', 'Dubois', 'Rossi', 'Novák', 'Sato', 'Okafor', "O'Neill"]
const places = [
  { city: 'Leeds', country: 'United Kingdom' },
  { city: 'Bristol', country: 'United Kingdom' },
  { city: 'Köln', country: 'Germany' },
  { city: 'Lyon', country: 'France' },
  { city: 'Oslo', country: 'Norway' },
] as const

function customerNumber(number: number, random: Random, now: Date): Customer {
  const name = `${random.pick(givenNames)} ${random.pick(familyNames)}`
  const { city, country } = random.pick(places)
  const address = {
    street: `${random.whole(1, 99)} Market Street`,
    city,
    country,
    postalCode: String(random.whole(10000, 99999)),
  }
  return Customer.register({ email: `customer-${number}@shop.example`, name, address, now })
}

const adjectives = ['Red', 'Blue', 'Vintage', 'Wooden', 'Glass', 'Striped', 'Small', 'Large'] as const
const things = [
  { name: 'Lamp', category: 'Lighting' },
  { name: 'Mug', category: 'Kitchen' },
  { name: 'Cushion', category: 'Home' },
  { name: 'Clock', category: 'Home' },
  { name: 'Lantern', category: 'Lighting' },
  { name: 'Tray', category: 'Kitchen' },
  { name: 'Notebook', category: 'Stationery' },
  { name: 'Teapot', category: 'Kitchen' },
] as const
const uses = { Lighting: 'long evenings', Kitchen: 'breakfast', Home: 'the living room', Stationery: 'the desk' }

function productNumber(number: number, random: Random): Product {
  const sku = `SHOP-${String(number).padStart(5, '0')}`
  const imageUrls = Array.from({ length: random.whole(0, 3) }, (_, n) => `https://images.example/${sku}-${n + 1}.jpg`)
  const adjective = random.pick(adjectives)
  const { name: thing, category } = random.pick(things)
  const description = `A ${adjective.toLowerCase()} ${thing.toLowerCase()} for ${uses[category]}`
  const goods = { sku, name: `${adjective} ${thing}`, description, category }
  return Product.add({ ...goods, priceCents: random.whole(99, 9999), stock: 1_000_000, imageUrls })
}

/** Places an order at each of the times and takes it so far as chance will. Returns how many were deleted again. */
async function trade(orm: ShopOrm, random: Random, ids: Ids, times: number[], until: number): Promise<number> {
  const { result } = await unitOfWork(orm, async (em) => {
    const customers = await em.find(
      Customer,
      { id: ids.customers },
      { populate: ['addresses'], orderBy: { id: 'asc' } },
    )
    const products = await em.find(Product, { id: ids.products }, { populate: ['images'], orderBy: { id: 'asc' } })
    let deleted = 0
    for (const time of times) {
      const order = await place(em, random, customers, products, time)
      if (random.next() < 0.03 && order.status === 'cart') {
        await discard(em, order)
        deleted += 1
      } else live(order, random, time, until)
    }
    return deleted
  })
  return result
}

async function place(em: EntityManager, random: Random, customers: Customer[], products: Product[], time: number) {
  const customer = random.pick(customers)
  const line = () => ({ product: random.pick(products), quantity: random.whole(1, 6) })
  const order = Order.place({
    number: await nextOrderNumber(em),
    customer,
    address: customer.deliveryAddress(),
    lines: Array.from({ length: random.whole(1, 4) }, line),
    now: new Date(time),
  })
  if (random.next() < 0.3) order.addLine(line(), new Date(time + 1000))
  em.persist(order)
  return order
}

/** It was stored before: an order that is never written has no id to say that it is gone. */
async function discard(em: EntityManager, order: Order): Promise<void> {
  await em.flush()
  order.discard()
  em.remove(order)
}

function live(order: Order, random: Random, time: number, until: number): void {
  const steps = [
    { after: 1, take: (now: Date) => order.confirm(now) },
    { after: 2, take: (now: Date) => order.pay(now) },
    { after: 24, take: (now: Date) => order.ship(now) },
    { after: 72, take: (now: Date) => order.deliver(now) },
  ]
  for (const { after, take } of steps) {
    const now = time + after * hour
    if (now > until || random.next() < 0.1) break
    take(new Date(now))
  }
  const cancellable = order.status === 'confirmed' || order.status === 'paid'
  if (cancellable && random.next() < 0.3) order.cancel(new Date(Math.min(until, time + 5 * hour)))
}
