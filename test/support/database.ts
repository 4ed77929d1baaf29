import pg from 'pg'
import { inject } from 'vitest'
import { createKitDatabase } from '../../src/testing/kit-database.ts'
import { migratedTemplate, shopTemplate } from './template.ts'

export interface TestDatabase {
  name: string
  url: string
  pool: pg.Pool
  close(): Promise<void>
}

/**
 * A database of its own on the test cluster: with the toolkit's schema unless `migrated: false`, and with `shop` the shop's
 * as well. `close` ends its connections and drops it.
 */
export async function createDatabase(options: { migrated?: boolean; shop?: boolean } = {}): Promise<TestDatabase> {
  const { migrated = true, shop = false } = options
  const template = shop ? await shopTemplate() : migrated ? await migratedTemplate() : undefined
  const { name, url, drop } = await createKitDatabase(inject('databaseUrl'), template, 'file_copy')
  const pool = new pg.Pool({ connectionString: url, max: 20 })
  pool.on('error', () => {})
  return {
    name,
    url,
    pool,
    async close() {
      await pool.end()
      await drop()
    },
  }
}
