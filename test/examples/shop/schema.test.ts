import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrateShop } from '../../../examples/shop/migrate.ts'
import { createShopDatabase, type ShopDatabase } from './shop-database.ts'

let database: ShopDatabase

beforeAll(async () => {
  database = await createShopDatabase()
})

afterAll(() => database?.close())

const differences = () => database.shop.orm.schema.getUpdateSchemaSQL()

test('entities and migrations agree, whatever else stands in the database', async () => {
  await database.pool.query('create table trifold.of_the_toolkit (id bigint primary key)')
  for (const name of ['daily_sales', 'order_summary', 'product_search']) {
    await database.pool.query(`create table ${name}__table (id bigint primary key)`)
  }
  expect(await differences()).toBe('')
})

test.each([
  ['a rule', 'alter table orders drop constraint orders_life'],
  ['an index', 'drop index orders_customer'],
  ['the type of a column', 'alter table order_lines alter column quantity type bigint'],
  ['a column that may be null', 'alter table order_lines alter column image_url set not null'],
])('the comparison sees where %s differs', async (_, statement) => {
  const other = await createShopDatabase()
  try {
    await other.pool.query('drop view order_summary')
    await other.pool.query(statement)
    expect(await other.shop.orm.schema.getUpdateSchemaSQL()).not.toBe('')
  } finally {
    await other.close()
  }
})

test.each([
  ["status = 'lost'"],
  ["status = 'delivered'"],
  ['confirmed_at = now()'],
  ['total_cents = -1'],
  ['number = null'],
  ['customer_id = 0'],
])('the tables refuse an order that breaks a rule: %s', async (assignment) => {
  const address = { street: '', city: '', postalCode: '', country: 'France' }
  const email = `${Math.random()}@shop.example`
  const customer = await database.shop.registerCustomer({ email, name: 'Ann', address })
  const { id } = await database.shop.placeOrder({ customerId: customer.id, lines: [] })
  await expect(database.pool.query(`update orders set ${assignment} where id = ${id}`)).rejects.toThrow()
})

test('migrating again does nothing, and the way down removes what the way up made', async () => {
  expect(await migrateShop(database.url)).toEqual([])
  await database.pool.query('drop view order_summary')
  expect(await migrateShop(database.url, 'down')).toEqual(['0002_product_text', '0001_shop'])
  const { rows } = await database.pool.query(
    `select tablename from pg_tables where schemaname = 'public' and tablename not like '%_migrations' order by tablename`,
  )
  expect(rows.map((row) => row.tablename)).toEqual([
    'daily_sales__table',
    'order_summary__table',
    'product_search__table',
  ])
})
