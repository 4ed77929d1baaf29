import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { openPool } from '../../../src/database.ts'
import { describeDefinition } from '../../../src/definition.ts'
import type { TargetContext } from '../../../src/materializer.ts'
import type { ReadModel } from '../../../src/read-model.ts'
import { createDatabase } from '../../support/database.ts'

export interface ViewSetup {
  url: string
  pool: pg.Pool
  /** Writes version `version` of the definition and describes it. */
  define(sql: string, options?: Partial<ReadModel> & { version?: number; name?: string }): Promise<TargetContext>
  close(): Promise<void>
}

/** A database with `orders (id, customer_id, total_cents, note)` and a folder for definitions. */
export async function setUpViews(): Promise<ViewSetup> {
  const database = await createDatabase()
  const pool = openPool(database.url, { name: 'test' })
  const folder = await mkdtemp(join(tmpdir(), 'trifold-views-'))
  await pool.query('create table orders (id bigint, customer_id integer, total_cents bigint, note text)')
  return {
    url: database.url,
    pool,
    async define(sql, { version = 1, name = 'order_summary', ...model } = {}) {
      await writeFile(join(folder, `${name}_v${String(version).padStart(2, '0')}.sql`), sql)
      const readModel: ReadModel = { key: ['order_id'], targets: { view: {} }, ...model }
      const client = await pool.connect()
      try {
        const definition = await describeDefinition(client, folder, name, readModel)
        const target = `${name}@view`
        return { target, name, model: readModel, definition, schema: 'public', databaseUrl: database.url, pool }
      } finally {
        client.release()
      }
    },
    async close() {
      await pool.end()
      await database.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** The orders as they are. */
export const plain = 'select id as order_id, customer_id, total_cents, note from public.orders'
