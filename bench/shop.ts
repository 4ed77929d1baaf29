import type { Pool } from 'pg'
import { migrateShop } from '../examples/shop/migrate.ts'
import shop from '../examples/shop/trifold.config.ts'
import { type ResolvedConfig, resolveConfig, type TrifoldConfig } from '../src/config.ts'
import { migrate } from '../src/migrate.ts'
import type { Targets } from '../src/read-model.ts'

/** Where and how a benchmark runs the shop's read model. */
export interface ShopSetup {
  database: string
  search?: string | undefined
  indexPrefix?: string
  targets: Targets
}

/** The configuration of the shop with other addresses and targets, and without secondary indexes. */
export function shopConfig({ database, search, indexPrefix, targets }: ShopSetup): ResolvedConfig {
  const order_summary = { ...shop.readModels.order_summary, indexes: [], targets }
  const config = { ...shop, database, ...(search && { search }), ...(indexPrefix && { indexPrefix }) }
  return resolveConfig({ ...config, readModels: { order_summary } } as unknown as TrifoldConfig, '/')
}

/** Both schemas: the toolkit's and the shop's. */
export async function migrateAll(database: string): Promise<void> {
  await migrate(database)
  await migrateShop(database)
}

/** So that neither side of a comparison pays for what came before. */
export async function settle(pool: Pool): Promise<void> {
  await pool.query('vacuum (analyze)')
  await pool.query('checkpoint')
}
