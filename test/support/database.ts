import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { migrate } from '../../src/migrate.ts'

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
  const base = options.url ?? inject('databaseUrl')
  const name = `trifold_test_${randomBytes(5).toString('hex')}`
  await onCluster(base, `create database ${name}`)
  const url = withDatabase(base, name)
  if (options.migrated ?? true) await migrate(url)
  const pool = new pg.Pool({ connectionString: url, max: 20 })
  pool.on('error', () => {})
  return {
    name,
    url,
    pool,
    async close() {
      await pool.end()
      await onCluster(base, `drop database if exists ${name} with (force)`)
    },
  }
}

function withDatabase(url: string, name: string): string {
  const parsed = new URL(url)
  parsed.pathname = `/${name}`
  return parsed.toString()
}

async function onCluster(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
