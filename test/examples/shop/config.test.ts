import { afterAll, beforeAll, expect, test } from 'vitest'
import config from '../../../examples/shop/trifold.config.ts'
import type { Row } from '../../../src/encoding.ts'
import type { Operation } from '../../../src/read-model.ts'
import { createShopDatabase, type ShopDatabase, stockShop } from './shop-database.ts'

let database: ShopDatabase

beforeAll(async () => {
  database = await createShopDatabase()
})

afterAll(() => database?.close())

/** The simplest materializer there is: rows by key, in memory. */
function applied(operations: Operation[]): Row[] {
  const rows = new Map<string, Row>()
  for (const operation of operations) {
    if (operation.kind === 'set') rows.set(String(operation.row.order_id), operation.row)
    if (operation.kind === 'patch') {
      const key = String(operation.key[0])
      rows.set(key, { ...(rows.get(key) as Row), ...(operation.columns as Row) })
    }
    if (operation.kind === 'remove') rows.delete(String(operation.key[0]))
  }
  return [...rows.values()]
}

test('the handlers make of the events exactly the rows of the definition', async () => {
  const { shop, pool } = database
  const { customerId, lampId, bookId } = await stockShop(shop)
  const lines = [{ productId: lampId, quantity: 1 }]
  const ids: number[] = []
  for (let n = 0; n < 8; n++) ids.push((await shop.placeOrder({ customerId, lines })).id)
  const [cart, emptied, confirmed, paid, shipped, delivered, cancelled, deleted] = ids as number[]
  await shop.addLine(cart as number, { productId: bookId, quantity: 2 })
  await shop.changeProductImage(lampId, 'https://images.example/new.jpg')
  await shop.changeQuantity(emptied as number, 1, 0)
  for (const id of [confirmed, paid, shipped, delivered, cancelled]) await shop.confirmOrder(id as number)
  for (const id of [paid, shipped, delivered]) await shop.payOrder(id as number)
  for (const id of [shipped, delivered]) await shop.shipOrder(id as number)
  await shop.deliverOrder(delivered as number)
  await shop.cancelOrder(cancelled as number)
  await shop.deleteOrder(deleted as number)

  const handlers = config.readModels.order_summary.on as Record<string, (payload: unknown) => Operation>
  const operations = (await database.events()).flatMap(({ type, payload }) => handlers[type]?.(payload) ?? [])
  const expected = await pool.query(
    `select
      order_id::int, customer_id::int, number, status, status_label, total_cents::int, item_count::int, preview_image_url,
      to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at,
      to_char(last_update at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_update
    from order_summary order by order_id`,
  )
  expect(applied(operations)).toEqual(expected.rows)
  expect(expected.rows).toHaveLength(7)
})
