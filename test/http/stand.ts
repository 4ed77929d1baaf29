// An API over the things of `test/query/catalog.ts`, in a table, a view and an index, on a port of its own.

import { fileURLToPath } from 'node:url'
import { fastify } from 'fastify'
import { z } from 'zod'
import { type ApiOptions, trifoldApi } from '../../packages/http/src/index.ts'
import type { Row } from '../../src/encoding.ts'
import { defineConfig, openTrifold, recompute, type Trifold } from '../../src/index.ts'
import { Application } from '../../src/trifold.ts'
import { createThings, thingsModel } from '../query/catalog.ts'
import { insertThings } from '../query/things.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { createSearch, type TestSearch } from '../support/search.ts'

/** What the API of {@link ApiStand} answered. */
export interface Answered {
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  json: any
}

export interface Asking {
  key?: string | undefined
  /** Sent as JSON, unless it is text already; without it the request is a GET. */
  body?: unknown
  headers?: Record<string, string>
  method?: string
}

export const thingStores = ['table', 'view', 'search'] as const

export class ApiStand {
  readonly database: TestDatabase
  readonly search: TestSearch
  readonly trifold: Trifold
  private readonly closing: (() => Promise<unknown>)[] = []

  private constructor(database: TestDatabase, search: TestSearch, trifold: Trifold) {
    this.database = database
    this.search = search
    this.trifold = trifold
  }

  /** The rows in each target. Nothing is written to the outbox, and no worker runs. */
  static async open(rows: readonly Row[]): Promise<ApiStand> {
    const database = await createDatabase()
    await database.pool.query(`${createThings}; create schema names`)
    const search = createSearch()
    const trifold = (await openTrifold(thingsConfig(database, search))) as unknown as Trifold
    const { definition } = Application.toolkitOf(trifold).target('things@table').context
    await insertThings(database.pool, definition, rows)
    for (const target of trifold.targets) await trifold.admin.rebuild(target)
    return new ApiStand(database, search, trifold)
  }

  /** Serves the API below a prefix. @returns its address */
  async listen(options: Omit<ApiOptions, 'trifold'>): Promise<string> {
    const app = fastify()
    await app.register(trifoldApi, { trifold: this.trifold as never, ...options, prefix: '/api' })
    const address = await app.listen({ host: '127.0.0.1', port: 0 })
    this.closing.push(() => app.close())
    return `${address}/api`
  }

  /** The same; gives what asks it. */
  async serve(options: Omit<ApiOptions, 'trifold'>): Promise<(path: string, asking?: Asking) => Promise<Answered>> {
    const address = await this.listen(options)
    return (path, asking) => ask(`${address}${path}`, asking)
  }

  async close(): Promise<void> {
    for (const close of this.closing.reverse()) await close()
    await this.trifold.close()
    await this.search.close()
    await this.database.close()
  }
}

const thingsConfig = (database: TestDatabase, search: TestSearch) =>
  defineConfig({
    database: database.url,
    search: search.url,
    indexPrefix: search.prefix,
    schema: 'names',
    views: fileURLToPath(new URL('./views', import.meta.url)),
    events: { ThingChanged: z.object({ region: z.string(), id: z.int() }) },
    readModels: {
      things: {
        ...thingsModel,
        targets: {
          table: {},
          view: { every: '1h' },
          search: { text: ['name', 'status'], shards: 3, indexRefresh: '20ms' },
        },
        on: { ThingChanged: (event) => recompute([[event.region, event.id]]) },
      },
    },
  })

export async function ask(url: string, { key, body, headers = {}, method }: Asking = {}): Promise<Answered> {
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: jsonIn(text) }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A path with a request in its address. */
export const asGet = (path: string, request: unknown): string =>
  `${path}?request=${encodeURIComponent(JSON.stringify(request))}`

/** An answer without what differs from one to the next of the same rows. */
export const rowsOnly = <Answer extends object>(answer: Answer): Answer =>
  Object.fromEntries(Object.entries(answer).filter(([name]) => !['asOf', 'snapshot', 'lag'].includes(name))) as Answer
