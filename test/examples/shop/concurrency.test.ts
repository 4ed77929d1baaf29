import { afterAll, beforeAll, expect, test } from 'vitest'
import { Order } from '../../../examples/shop/entities/order.ts'
import { Product } from '../../../examples/shop/entities/product.ts'
import { loadOrderForStock } from '../../../examples/shop/load.ts'
import { unitOfWork } from '../../../examples/shop/unit-of-work.ts'
import { createShopDatabase, type ShopDatabase, stockShop } from './shop-database.ts'

let database: ShopDatabase
let ids: { customerId: number; lampId: number; bookId: number }

beforeAll(async () => {
  database = await createShopDatabase()
  ids = await stockShop(database.shop)
})

afterAll(() => database?.close())

const place = (productId: number, quantity = 1) =>
  database.shop.placeOrder({ customerId: ids.customerId, lines: [{ productId, quantity }] })

const told = async (type: string, orderId: number) =>
  (await database.events()).filter((event) => event.type === type && event.payload.orderId === orderId)

test('of two units of work that changed one order, the second is refused and leaves no event', async () => {
  const { id } = await place(ids.lampId)
  const slow = unitOfWork(database.shop.orm, async (em) => {
    const order = await em.findOneOrFail(Order, { id }, { populate: ['lines'] })
    await database.shop.changeQuantity(id, 1, 3)
    order.changeQuantity(1, 5, new Date())
  })
  await expect(slow).rejects.toMatchObject({ code: 'ORDER_CHANGED' })
  const changes = await told('OrderLinesChanged', id)
  expect(changes.map((event) => event.payload.itemCount)).toEqual([3])
})

test('lines that are added to a cart at the same time are all in it', async () => {
  const { id } = await place(ids.lampId)
  await Promise.all(
    Array.from({ length: 4 }, (_, n) => database.shop.addLine(id, { productId: ids.bookId, quantity: n + 1 })),
  )
  const order = await database.shop.orm.em.fork().findOneOrFail(Order, { id }, { populate: ['lines'] })
  expect(order.lines.getItems().map(({ place }) => place)).toEqual([1, 2, 3, 4, 5])
  expect(order.totalCents).toBe(2000 + 10 * 1250)
})

test('an order that two cancel at once is cancelled once, and its stock comes back once', async () => {
  const stock = async () => (await database.shop.orm.em.fork().findOneOrFail(Product, { id: ids.lampId })).stock
  const before = await stock()
  const { id } = await place(ids.lampId, 2)
  await database.shop.confirmOrder(id)
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => database.shop.cancelOrder(id)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await stock()).toBe(before)
  expect(await told('OrderCancelled', id)).toHaveLength(1)
})

test('a command that was made for an earlier version of the order is refused and leaves no event', async () => {
  const { id } = await place(ids.lampId)
  await database.shop.confirmOrder(id, new Date(), 1)
  await database.shop.payOrder(id, new Date(), 2)
  for (const late of [database.shop.payOrder, database.shop.cancelOrder])
    await expect(late(id, new Date(), 2)).rejects.toMatchObject({ code: 'ORDER_CHANGED' })
  expect(await told('OrderCancelled', id)).toEqual([])
  await database.shop.cancelOrder(id, new Date(), 3)
})

test('the last pieces are sold once, however many confirm at a time', async () => {
  const orders = await Promise.all(Array.from({ length: 8 }, () => place(ids.bookId)))
  const outcomes = await Promise.allSettled(orders.map(({ id }) => database.shop.confirmOrder(id)))
  const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
  expect(refusals).toEqual(Array.from({ length: 5 }, () => 'OUT_OF_STOCK'))
  const book = await database.shop.orm.em.fork().findOneOrFail(Product, { id: ids.bookId })
  expect(book.stock).toBe(0)
})

test('an order is placed while another one of the same product is being confirmed', async () => {
  const { id } = await place(ids.lampId)
  await unitOfWork(database.shop.orm, async (em) => {
    const order = await loadOrderForStock(em, id)
    await place(ids.lampId)
    order.confirm(new Date())
  })
  await database.shop.cancelOrder(id)
})

test('a cart that is confirmed while it is being deleted is either kept whole or gone with its stock given back', async () => {
  const stock = async () => (await database.shop.orm.em.fork().findOneOrFail(Product, { id: ids.lampId })).stock
  const before = await stock()
  for (let round = 0; round < 10; round++) {
    const { id } = await place(ids.lampId)
    await Promise.allSettled([database.shop.confirmOrder(id), database.shop.deleteOrder(id)])
    const kept = await database.shop.orm.em.fork().findOne(Order, { id })
    if (kept) await database.shop.cancelOrder(id)
  }
  expect(await stock()).toBe(before)
})
