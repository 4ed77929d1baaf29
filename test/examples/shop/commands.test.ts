import { afterAll, beforeAll, expect, test } from 'vitest'
import { Order } from '../../../examples/shop/entities/order.ts'
import { OrderSummary } from '../../../examples/shop/entities/order-summary.ts'
import { Product } from '../../../examples/shop/entities/product.ts'
import { unitOfWork } from '../../../examples/shop/unit-of-work.ts'
import { createShopDatabase, type ShopDatabase, stockShop } from './shop-database.ts'

let database: ShopDatabase
let ids: { customerId: number; lampId: number; bookId: number }

beforeAll(async () => {
  database = await createShopDatabase()
  ids = await stockShop(database.shop)
})

afterAll(() => database?.close())

const place = (quantity = 1) =>
  database.shop.placeOrder({
    customerId: ids.customerId,
    lines: [
      { productId: ids.lampId, quantity },
      { productId: ids.bookId, quantity: 1 },
    ],
  })

const eventsOf = async (id: number) => (await database.events()).filter((event) => event.aggregate === `order:${id}`)

const summaryOf = (id: number) => database.shop.orm.em.fork().findOneOrFail(OrderSummary, { orderId: id })

const stockOf = async (id: number) => (await database.shop.orm.em.fork().findOneOrFail(Product, { id })).stock

test('an order goes through its whole life, one event a step', async () => {
  const { shop } = database
  const { id } = await place()
  await shop.addLine(id, { productId: ids.bookId, quantity: 2 })
  await shop.changeQuantity(id, 3, 1)
  for (const step of [shop.confirmOrder, shop.payOrder, shop.shipOrder, shop.deliverOrder]) await step(id)
  const types = (await eventsOf(id)).map((event) => event.type)
  expect(types).toEqual([
    'OrderPlaced',
    'OrderLinesChanged',
    'OrderLinesChanged',
    'OrderConfirmed',
    'OrderPaid',
    'OrderShipped',
    'OrderDelivered',
  ])
  expect(await summaryOf(id)).toMatchObject({ status: 'delivered', statusLabel: 'Delivered', itemCount: 3 })
})

test('the events together carry the row of the definition', async () => {
  const { id } = await place()
  await database.shop.changeQuantity(id, 1, 2)
  await database.shop.confirmOrder(id)
  const row = Object.assign({}, ...(await eventsOf(id)).map((event) => event.payload))
  const summary = await summaryOf(id)
  const { country, shippingCents, day, productIds, ...columns } = row
  expect(columns).toEqual({
    ...summary,
    createdAt: summary.createdAt.toISOString(),
    lastUpdate: summary.lastUpdate.toISOString(),
  })
  expect({ day, productIds }).toEqual({
    day: summary.lastUpdate.toISOString().slice(0, 10),
    productIds: [ids.lampId, ids.bookId],
  })
  expect({ country, shippingCents, totalCents: summary.totalCents }).toEqual({
    country: 'United Kingdom',
    shippingCents: 0,
    totalCents: 5250,
  })
  await database.shop.cancelOrder(id)
})

test('a command returns the commit token of its own transaction', async () => {
  const { id, commit } = await place()
  const { rows } = await database.pool.query('select era, xid::text from trifold.outbox where aggregate = $1', [
    `order:${id}`,
  ])
  const [{ era, xid }] = rows
  expect(rows).toHaveLength(1)
  expect(commit).toMatch(new RegExp(`^${era}-[0-9a-f]+\\.${xid}$`))
})

test('stock is taken when an order is confirmed and given back when it is cancelled', async () => {
  const before = await stockOf(ids.lampId)
  const { id } = await place(2)
  expect(await stockOf(ids.lampId)).toBe(before)
  await database.shop.confirmOrder(id)
  expect(await stockOf(ids.lampId)).toBe(before - 2)
  await database.shop.cancelOrder(id)
  expect(await stockOf(ids.lampId)).toBe(before)
})

test('a refused command leaves neither rows nor events', async () => {
  const { id } = await place(100)
  const stock = await stockOf(ids.bookId)
  await expect(database.shop.confirmOrder(id)).rejects.toMatchObject({ code: 'OUT_OF_STOCK' })
  expect((await eventsOf(id)).map((event) => event.type)).toEqual(['OrderPlaced'])
  expect(await stockOf(ids.bookId)).toBe(stock)
})

test('rows and events are rolled back together when the append fails', async () => {
  const { shop, pool } = database
  await pool.query('alter table trifold.outbox add constraint no_more check (false) not valid')
  const before = await pool.query('select count(*)::int as orders from orders')
  await expect(place()).rejects.toThrow(/no_more/)
  await pool.query('alter table trifold.outbox drop constraint no_more')
  const after = await shop.orm.em.fork().count(Order)
  expect(after).toBe(before.rows[0].orders)
})

test('events of one unit of work stand in the order in which things happened', async () => {
  const first = (await database.events()).length
  await unitOfWork(database.shop.orm, async (em) => {
    const lamp = await em.findOneOrFail(Product, { id: ids.lampId }, { populate: ['images'] })
    const book = await em.findOneOrFail(Product, { id: ids.bookId }, { populate: ['images'] })
    book.changePrice(1300)
    lamp.changePrice(2100)
    book.changePrice(1250)
    lamp.changePrice(2000)
  })
  const told = (await database.events()).slice(first).map(({ payload }) => [payload.productId, payload.priceCents])
  expect(told).toEqual([
    [ids.bookId, 1300],
    [ids.lampId, 2100],
    [ids.bookId, 1250],
    [ids.lampId, 2000],
  ])
})

test('orders that are removed between two flushes of one unit of work say so too', async () => {
  const deleted = [(await place()).id, (await place()).id]
  await unitOfWork(database.shop.orm, async (em) => {
    for (const id of deleted) {
      const order = await em.findOneOrFail(Order, { id })
      order.discard()
      em.remove(order)
      await em.flush()
    }
  })
  for (const id of deleted) expect((await eventsOf(id)).at(-1)?.type).toBe('OrderDeleted')
})

test('what an entity recorded before it was stored is told when it is', async () => {
  const product = Product.add({ sku: 'EARLY', name: 'Early bird', priceCents: 100, stock: 0 })
  await unitOfWork(database.shop.orm, async (em) => {
    em.persist(product)
  })
  expect((await database.events()).at(-1)).toMatchObject({ type: 'ProductAdded', payload: { productId: product.id } })
})

test('a product gets a new picture, orders keep the one that they froze', async () => {
  const { id } = await place()
  const before = (await summaryOf(id)).previewImageUrl
  await database.shop.changeProductImage(ids.lampId, 'https://images.example/lamp-new.jpg')
  expect((await summaryOf(id)).previewImageUrl).toBe(before)
  const later = await place()
  expect((await summaryOf(later.id)).previewImageUrl).toBe('https://images.example/lamp-new.jpg')
  const changed = (await database.events()).find((event) => event.type === 'ProductImageChanged')
  expect(changed).toEqual({
    type: 'ProductImageChanged',
    aggregate: `product:${ids.lampId}`,
    payload: { productId: ids.lampId, imageUrl: 'https://images.example/lamp-new.jpg' },
  })
})

test('an image url with ?, $1, quotes and other alphabets arrives as it is', async () => {
  const url = `https://images.example/lämp?size=$1&q='"\\?&n=灯💡`
  await database.shop.changeProductImage(ids.lampId, url)
  const { id } = await place()
  expect((await summaryOf(id)).previewImageUrl).toBe(url)
  expect((await eventsOf(id))[0]?.payload.previewImageUrl).toBe(url)
})

test('a deleted cart is gone with its lines, and says so', async () => {
  const { id } = await place()
  await database.shop.deleteOrder(id)
  const lines = await database.pool.query('select 1 from order_lines where order_id = $1', [id])
  expect(lines.rows).toEqual([])
  expect((await eventsOf(id)).at(-1)).toEqual({
    type: 'OrderDeleted',
    aggregate: `order:${id}`,
    payload: { orderId: id },
  })
})

test('a confirmed order cannot be deleted', async () => {
  const { id } = await place()
  await database.shop.confirmOrder(id)
  await expect(database.shop.deleteOrder(id)).rejects.toMatchObject({ code: 'STATUS_INVALID' })
  await database.shop.cancelOrder(id)
})

test('an empty cart is refused', async () => {
  const { id } = await database.shop.placeOrder({ customerId: ids.customerId, lines: [] })
  await expect(database.shop.confirmOrder(id)).rejects.toMatchObject({ code: 'ORDER_EMPTY' })
  expect(await summaryOf(id)).toMatchObject({ status: 'cart', itemCount: 0, totalCents: 0, previewImageUrl: null })
})

test('what is not there is named', async () => {
  await expect(database.shop.payOrder(999_999)).rejects.toMatchObject({ code: 'NOT_FOUND', message: /order 999999/ })
})
