import { fileURLToPath } from 'node:url'
import { runner } from 'node-pg-migrate'

const folder = fileURLToPath(new URL('./migrations', import.meta.url))

/**
 * Brings the tables of the shop up to date (schema `public`; what ran is noted in `shop_migrations`).
 *
 * @returns the names of the migrations that ran
 */
export async function migrateShop(databaseUrl: string, direction: 'up' | 'down' = 'up'): Promise<string[]> {
  const ran = await runner({
    databaseUrl,
    dir: folder,
    direction,
    count: Number.POSITIVE_INFINITY,
    migrationsTable: 'shop_migrations',
    log: () => {},
    verbose: false,
  })
  return ran.map((migration) => migration.name)
}
