import { afterAll, beforeAll, expect, test } from 'vitest'
import { generateShop } from '../../../examples/shop/generate.ts'
import { createShopDatabase, type ShopDatabase } from './shop-database.ts'

const until = new Date('2026-06-01T00:00:00Z')
const size = { customers: 10, products: 8, orders: 120, until }

let first: ShopDatabase
let second: ShopDatabase

beforeAll(async () => {
  first = await createShopDatabase()
  second = await createShopDatabase()
})

afterAll(async () => {
  await first?.close()
  await second?.close()
})

const rows = async (database: ShopDatabase) => {
  const tables = ['customers', 'addresses', 'products', 'product_images', 'orders', 'order_lines']
  const all = await Promise.all(tables.map((table) => database.pool.query(`select * from ${table} order by id`)))
  return all.map((result) => result.rows)
}

test('gives the same rows and events for the same seed', async () => {
  const report = await generateShop({ orm: first.shop.orm, seed: 5, ...size })
  expect(await generateShop({ orm: second.shop.orm, seed: 5, ...size })).toEqual({
    ...report,
    seconds: expect.any(Number),
  })
  expect(await rows(second)).toEqual(await rows(first))
  expect(await second.events()).toEqual(await first.events())
})

test('leaves orders in every status, some deleted, none newer than asked for', async () => {
  const { rows: found } = await first.pool.query(
    'select count(distinct status)::int as statuses, count(*)::int as orders, max(last_update) as newest from orders',
  )
  const deleted = (await first.events()).filter((event) => event.type === 'OrderDeleted').length
  expect(deleted).toBeGreaterThan(0)
  expect(found[0]).toMatchObject({ statuses: 6, orders: size.orders - deleted })
  expect(found[0].newest.getTime()).toBeLessThanOrEqual(until.getTime() + 1000)
})

test('is run again beside what is there, and stops when it is told to', async () => {
  const stop = new AbortController()
  const done: number[] = []
  const onProgress = (progress: { done: number }) => {
    done.push(progress.done)
    stop.abort()
  }
  const generating = generateShop({ orm: first.shop.orm, seed: 6, ...size, onProgress, signal: stop.signal })
  await expect(generating).rejects.toMatchObject({ name: 'AbortError' })
  expect(done).toEqual([50])
})
