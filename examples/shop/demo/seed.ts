import pg from 'pg'
import { migrate } from 'trifold'
import { type BulkReport, generateBulk } from '../generate-bulk.ts'
import { migrateShop } from '../migrate.ts'

/** Whom orders can be placed for, and what can be ordered. */
export interface ShopIds {
  customers: number[]
  products: number[]
}

/** Both schemas, and a shop that has been open for a year. */
export async function seedShop(databaseUrl: string, orders: number): Promise<{ report: BulkReport; ids: ShopIds }> {
  await migrate(databaseUrl)
  await migrateShop(databaseUrl)
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  try {
    const report = await generateBulk(pool, { orders, customers: 300, products: 400 })
    const idsOf = async (table: string) =>
      (await pool.query(`select id::integer from public.${table} order by id`)).rows.map(({ id }) => id as number)
    return { report, ids: { customers: await idsOf('customers'), products: await idsOf('products') } }
  } finally {
    await pool.end()
  }
}
