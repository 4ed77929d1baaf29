import pg from 'pg'
import { inject } from 'vitest'
import { migrate } from '../../src/migrate.ts'
import { createKitDatabase } from '../../src/testing/kit-database.ts'

export interface TestDatabase {
  name: string
  url: string
  pool: pg.Pool
  close(): Promise<void>
}

/**
 * A database of its own on the test cluster, with the toolkit's schema unless `migrated: false`. `close` ends its
 * connections and drops it.
 */
export async function createDatabase(options: { migrated?: boolean; url?: string } = {}): Promise<TestDatabase> {
  const { name, url, drop } = await createKitDatabase(options.url ?? inject('databaseUrl'))
  if (options.migrated ?? true) await migrate(url)
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
