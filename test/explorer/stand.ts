// An explorer over sales, in a table, a view and an index, on a separate port.

import { fileURLToPath } from 'node:url'
import { type FastifyInstance, fastify } from 'fastify'
import type pg from 'pg'
import { z } from 'zod'
import { trifoldExplorer } from '../../packages/explorer/src/index.ts'
import { type ApiSettings, trifoldApi } from '../../packages/http/src/index.ts'
import { defineConfig, openTrifold, recompute, type Trifold } from '../../src/index.ts'
import { createDatabase } from '../support/database.ts'
import { createSearch } from '../support/search.ts'
import { createSales, insertSales } from './sales.ts'

export interface ExplorerStand {
  trifold: Trifold
  pool: pg.Pool
  /** Serves the API below `/api` and the pages below `/explore`. @returns where the pages begin */
  serve(settings: ApiSettings): Promise<string>
  close(): Promise<void>
}

/** The sales in each target. No worker runs, so nothing changes. */
export async function openExplorerStand(): Promise<ExplorerStand> {
  const database = await createDatabase()
  await database.pool.query(`${createSales}; create schema names`)
  await insertSales(database.pool)
  const search = createSearch()
  const trifold = (await openTrifold(salesConfig(database.url, search))) as unknown as Trifold
  for (const target of trifold.targets) await trifold.admin.rebuild(target)
  const apps: FastifyInstance[] = []
  return {
    trifold,
    pool: database.pool,
    async serve(settings) {
      const app = fastify()
      await app.register(trifoldApi, { trifold: trifold as never, ...settings, prefix: '/api' })
      await app.register(trifoldExplorer, { prefix: '/explore', api: '/api' })
      apps.push(app)
      return `${await app.listen({ host: '127.0.0.1', port: 0 })}/explore`
    },
    async close() {
      for (const app of apps) await app.close()
      await trifold.close()
      await search.close()
      await database.close()
    },
  }
}

const salesConfig = (database: string, search: { url: string; prefix: string }) =>
  defineConfig({
    database,
    search: search.url,
    indexPrefix: search.prefix,
    schema: 'names',
    views: fileURLToPath(new URL('./views', import.meta.url)),
    events: { SaleMade: z.object({ invoice: z.string(), line: z.int() }) },
    readModels: {
      sales: {
        timeZone: 'Europe/Vienna',
        key: ['invoice', 'line'],
        notNull: ['sold_at', 'country', 'title'],
        targets: {
          table: {},
          view: { every: '1h' },
          search: { text: ['title', 'category', 'note'], indexRefresh: '20ms' },
        },
        on: { SaleMade: (event) => recompute([[event.invoice, event.line]]) },
      },
    },
  })
