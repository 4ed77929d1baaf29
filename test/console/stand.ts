// A console over orders, in a table and in views that have a past, with a worker that runs.

import { fileURLToPath } from 'node:url'
import { type FastifyInstance, fastify } from 'fastify'
import { z } from 'zod'
import { trifoldConsole } from '../../packages/console/src/index.ts'
import type { ApiAccess } from '../../packages/http/src/index.ts'
import { createOutbox, defineConfig, openTrifold, startWorker, type Trifold } from '../../src/index.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'
import { insertPast } from './past.ts'

/** Text that would do harm in a page that does not escape it. */
export const hostile = `<img src=x onerror="document.title=1">'"&amp;</script><b>`

export const keys = {
  anna: { console: 'operator', secret: 'the-key-of-anna-who-operates' },
  ben: { console: 'reader', secret: 'the-key-of-ben-who-looks-on' },
  shop: { role: 'all', secret: 'the-key-of-the-shop-for-the-api' },
} as const

export const access: ApiAccess = { roles: { all: { orders: 'all' } }, keys }

const events = { OrderPlaced: z.object({ id: z.int(), customer: z.string(), total: z.int() }) }

export interface ConsoleStand {
  database: TestDatabase
  trifold: Trifold
  /** Serves the console below `/console`. @returns where it begins, and what ends it */
  serve(access: ApiAccess | 'open'): Promise<{ address: string; app: FastifyInstance }>
  close(): Promise<void>
}

/** Each order of `bad` cannot be taken: it is parked. The customers' names are hostile. */
export async function openConsoleStand(): Promise<ConsoleStand> {
  const database = await createDatabase()
  await database.pool.query(
    'create table public.orders (id integer primary key, customer text not null, total integer not null); create schema names',
  )
  const trifold = (await openTrifold(configOf(database.url))) as unknown as Trifold
  for (const target of trifold.targets) await trifold.admin.rebuild(target)
  await insertPast(database.pool)
  const worker = await startWorker(trifold as never)
  await place(database, 1, hostile)
  await place(database, 2, 'bad')
  await until('an event is parked, and all is well again', async () => {
    const { targets } = await trifold.admin.status()
    const isWell = targets.every(({ verdict, rebuilding }) => verdict === 'green' && !rebuilding)
    return isWell && (await trifold.admin.parked()).length === 1
  })
  const apps: FastifyInstance[] = []
  return {
    database,
    trifold,
    async serve(access) {
      const app = fastify()
      await app.register(trifoldConsole, {
        trifold: trifold as never,
        access,
        prefix: '/console',
        explorer: '/explore',
      })
      apps.push(app)
      return { address: `${await app.listen({ host: '127.0.0.1', port: 0 })}/console`, app }
    },
    async close() {
      for (const app of apps) await app.close()
      await worker.stop()
      await trifold.close()
      await database.close()
    },
  }
}

async function place({ pool }: TestDatabase, id: number, customer: string): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('insert into public.orders values ($1, $2, 5)', [id, customer])
    const payload = { id, customer, total: 5 }
    await createOutbox(events).append(client, [{ type: 'OrderPlaced', aggregate: `${customer}:${id}`, payload }])
    await client.query('commit')
  } finally {
    client.release()
  }
}

const configOf = (database: string) =>
  defineConfig({
    database,
    schema: 'names',
    views: fileURLToPath(new URL('./views', import.meta.url)),
    events,
    readModels: {
      orders: {
        key: ['id'],
        notNull: ['id', 'customer', 'total'],
        targets: { table: {}, view: { every: '1h' } },
        on: {
          OrderPlaced: (event) => {
            if (event.customer === 'bad') throw new Error(`no ${hostile}`)
            return { kind: 'set', row: event }
          },
        },
      },
      totals: { key: ['customer'], targets: { view: { lag: '6h' } } },
    },
  })
