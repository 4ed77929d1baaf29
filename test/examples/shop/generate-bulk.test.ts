import { afterAll, beforeAll, expect, test } from 'vitest'
import { generateBulk } from '../../../examples/shop/generate-bulk.ts'
import { createShopDatabase, type ShopDatabase } from './shop-database.ts'

let database: ShopDatabase

beforeAll(async () => {
  database = await createShopDatabase()
})

afterAll(() => database?.close())

const until = new Date('2026-06-01T00:00:00Z')

const count = async (statement: string): Promise<number> =>
  Number((await database.pool.query(`select count(*) as found from ${statement}`)).rows[0].found)

test('makes the orders that are asked for, with lines, in every status', async () => {
  const report = await generateBulk(database.pool, { orders: 2000, until })
  expect(report).toMatchObject({ customers: 100, products: 50, orders: 2000 })
  expect(report.lines).toBe(await count('order_lines'))
  expect(report.lines / 2000).toBeCloseTo(3, 0)
  expect(await count('(select distinct status from orders) as statuses')).toBe(6)
  expect(await count('order_summary')).toBe(2000)
})

test('adds to what is there, and the shop goes on after it', async () => {
  await generateBulk(database.pool, { orders: 500, customers: 20, products: 10, until })
  expect(await count('orders')).toBe(2500)
  const { rows } = await database.pool.query('select max(id)::int as id from customers')
  const { id } = await database.shop.placeOrder({ customerId: rows[0].id, lines: [] })
  expect(await count(`orders where id > ${id}`)).toBe(0)
})

test('keeps the rules of the entities', async () => {
  const goods =
    '(select order_id, sum(quantity * unit_price_cents) as cents from order_lines group by order_id) as goods'
  const orders = `orders join ${goods} on goods.order_id = orders.id where`
  expect(await count(`${orders} total_cents <> cents + shipping_cents`)).toBe(0)
  expect(await count(`${orders} status = 'cart' and shipping_cents <> 0`)).toBe(0)
  const parcel = `case when country <> 'United Kingdom' then 1495 when cents >= 5000 then 0 else 495 end`
  expect(await count(`${orders} status <> 'cart' and shipping_cents <> ${parcel}`)).toBe(0)
  expect(await count(`${orders} last_update > '${until.toISOString()}' and number like 'BULK%'`)).toBe(0)
  const images = 'order_lines join product_images using (product_id) where position = 1'
  expect(await count(`${images} and image_url is distinct from url`)).toBe(0)
})

test('leaves the schema as it was', async () => {
  expect(await database.shop.orm.schema.getUpdateSchemaSQL()).toBe('')
})

test('makes the same orders of the same seed, and others of another', async () => {
  const made = async (seed: number) => {
    const other = await createShopDatabase()
    await generateBulk(other.pool, { orders: 50, seed, until })
    const { rows } = await other.pool.query('select * from order_summary order by order_id')
    await other.close()
    return rows
  }
  const first = await made(7)
  expect(await made(7)).toEqual(first)
  expect(await made(8)).not.toEqual(first)
})
