import { defineWorkload } from '@trifold/compare'
import pg from 'pg'
import type { ShopIds } from './demo/seed.ts'
import { Traffic } from './demo/traffic.ts'
import type { ShopEvents } from './events.ts'
import { generateBulk } from './generate-bulk.ts'
import { migrateShop } from './migrate.ts'
import { createRandom } from './random.ts'
import { openShop } from './shop.ts'

/** What the shop writes all day, for `trifold compare`: orders are placed and moved on, each a command of the shop. */
export default defineWorkload<ShopEvents>({
  async open(databaseUrl, outbox) {
    const ids = await readIds(databaseUrl)
    const shop = await openShop(databaseUrl, { outbox })
    const traffic = new Traffic(shop, ids, createRandom(Date.now()))
    return {
      transaction: async () => (await traffic.step())?.commit,
      close: () => shop.close(),
    }
  },

  prepare: (databaseUrl) => migrateShop(databaseUrl),

  /** `size` orders; other read models than `order_summary` have fewer rows. */
  async grow(databaseUrl, size, { seed, onProgress }) {
    await withPool(databaseUrl, (pool) => generateBulk(pool, { orders: size, seed }))
    onProgress(size)
  },
})

async function readIds(databaseUrl: string): Promise<ShopIds> {
  return withPool(databaseUrl, async (pool) => {
    const idsOf = async (table: 'customers' | 'products'): Promise<number[]> => {
      const { rows } = await pool.query(`select id::integer from public.${table} order by id limit 10000`)
      if (rows.length > 0) return rows.map(({ id }) => id)
      throw new Error(`the shop has no ${table}; make some first: npx jiti examples/shop/cli.ts generate`)
    }
    return { customers: await idsOf('customers'), products: await idsOf('products') }
  })
}

async function withPool<T>(databaseUrl: string, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  try {
    return await work(pool)
  } finally {
    await pool.end()
  }
}
