import { readFile } from 'node:fs/promises'
import { openShop, type Shop } from '../../../examples/shop/shop.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'

export interface ShopDatabase extends TestDatabase {
  shop: Shop
  /** All events, oldest first. */
  events(): Promise<{ type: string; aggregate: string; payload: Record<string, unknown> }[]>
}

/** A database of its own with both schemas, the shop opened on it, and `order_summary` as a plain view of the definition. */
export async function createShopDatabase(): Promise<ShopDatabase> {
  const database = await createDatabase({ shop: true })
  const definition = await readFile(new URL('../../../views/order_summary_v01.sql', import.meta.url), 'utf8')
  await database.pool.query(`create view order_summary as ${definition}`)
  const shop = await openShop(database.url)
  return {
    ...database,
    shop,
    async events() {
      const { rows } = await database.pool.query(
        'select type, aggregate, payload from trifold.outbox order by position',
      )
      return rows
    },
    async close() {
      await shop.close()
      await database.close()
    },
  }
}

export const address = { street: '1 High Street', city: 'Leeds', postalCode: 'LS1 1AA', country: 'United Kingdom' }

/** A customer and two products: a lamp at 20.00 with a picture and ten in stock, a book at 12.50 without and three. */
export async function stockShop(shop: Shop): Promise<{ customerId: number; lampId: number; bookId: number }> {
  const customer = await shop.registerCustomer({ email: 'ann@shop.example', name: 'Ann', address })
  const imageUrls = ['https://images.example/lamp-1.jpg', 'https://images.example/lamp-2.jpg']
  const lamp = await shop.addProduct({ sku: 'LAMP', name: 'Lamp', priceCents: 2000, stock: 10, imageUrls })
  const book = await shop.addProduct({ sku: 'BOOK', name: 'Book', priceCents: 1250, stock: 3 })
  return { customerId: customer.id, lampId: lamp.id, bookId: book.id }
}
