import pg from 'pg'
import type { ShopIds } from './demo/seed.ts'

/** Some customers and products of a shop. @throws if it has none */
export async function readIds(databaseUrl: string): Promise<ShopIds> {
  return withPool(databaseUrl, async (pool) => {
    const idsOf = async (table: 'customers' | 'products'): Promise<number[]> => {
      const { rows } = await pool.query(`select id::integer from public.${table} order by id limit 10000`)
      if (rows.length > 0) return rows.map(({ id }) => id)
      throw new Error(`the shop has no ${table}; make some first: npx jiti examples/shop/cli.ts generate`)
    }
    return { customers: await idsOf('customers'), products: await idsOf('products') }
  })
}

/** With a pool that is ended afterwards. */
export async function withPool<T>(databaseUrl: string, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  try {
    return await work(pool)
  } finally {
    await pool.end()
  }
}
