import { defineWorkload } from '@trifold/compare'
import { Traffic } from './demo/traffic.ts'
import type { ShopEvents } from './events.ts'
import { generateBulk } from './generate-bulk.ts'
import { migrateShop } from './migrate.ts'
import { createRandom } from './random.ts'
import { openShop } from './shop.ts'
import { readIds, withPool } from './shop-ids.ts'

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
