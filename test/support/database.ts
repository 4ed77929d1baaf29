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

/** A copy of a database as it is now, in the same cluster. All connections to the original are ended. */
export async function copyDatabase({ name, url }: TestDatabase): Promise<TestDatabase> {
  const copyName = `${name}_copy`
  const copyUrl = url.replace(name, copyName)
  const client = new pg.Client({ connectionString: url.replace(name, 'postgres') })
  await client.connect()
  await client.query(`alter database ${name} allow_connections false`)
  await client.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [name])
  await client.query(`create database ${copyName} template ${name}`)
  await client.query(`alter database ${name} allow_connections true`)
  const pool = new pg.Pool({ connectionString: copyUrl, max: 10 })
  pool.on('error', () => {})
  return {
    name: copyName,
    url: copyUrl,
    pool,
    async close() {
      await pool.end()
      await client.query(`drop database if exists ${copyName} with (force)`)
      await client.end()
    },
  }
}
