import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { migrateShop } from '../../../../examples/shop/migrate.ts'
import { openShop, type Shop } from '../../../../examples/shop/shop.ts'
import config from '../../../../examples/shop/trifold.config.ts'
import { createApp } from '../../../../examples/shop/web/app.ts'
import type { Breakage, PausableWorker } from '../../../../examples/shop/web/context.ts'
import { startStack } from '../../../../packages/stack/src/index.ts'
import { resolveConfig } from '../../../../src/config.ts'
import { migrate } from '../../../../src/migrate.ts'
import { rebuild } from '../../../../src/operator/rebuild.ts'
import { openToolkit, type Toolkit } from '../../../../src/toolkit.ts'
import { startFaultyProxy } from '../../../materializers/search/faulty-proxy.ts'
import { shopReadModels } from '../../../support/shop-config.ts'
import { openShopToolkit, type ShopToolkit } from '../../../support/shop-toolkit.ts'
import { hasSearch, shopTrifoldOf } from './stand.ts'

const noWorker: PausableWorker = { pause: async () => {}, pausedUntil: () => undefined, kill() {} }
const unbroken: Breakage = { lockTable: async () => {}, lockedUntil: () => undefined, deleteIndex: async () => {} }
const others = { worker: noWorker, breakage: unbroken, tools: { explorer: '/explore', console: '/console' } }
const failOnSurprise = (error: unknown) => {
  throw error
}

const answer = async (app: FastifyInstance, url: string) => {
  const { statusCode, body } = await app.inject({ url, headers: { host: 'localhost' } })
  expect(body).not.toMatch(/ at .*\.ts:\d+/)
  return { statusCode, body }
}

/** An address at which nothing listens. */
const nowhere = 'http://127.0.0.1:9'

describe('Without a worker, and without OpenSearch', () => {
  let stand: ShopToolkit
  let shop: Shop
  let app: FastifyInstance

  beforeAll(async () => {
    stand = await openShopToolkit(shopReadModels)
    shop = await openShop(stand.database.url)
    app = await createApp({ shop, trifold: shopTrifoldOf(stand.toolkit), ...others }, failOnSurprise)
  })

  afterAll(async () => {
    await app?.close()
    await shop?.close()
    await stand?.close()
  })

  /** The same shop with another configuration. */
  const withApp = async (config: Partial<Toolkit['config']>, work: (app: FastifyInstance) => Promise<void>) => {
    const toolkit = await openToolkit({ ...stand.toolkit.config, ...config })
    const other = await createApp({ shop, trifold: shopTrifoldOf(toolkit), ...others }, failOnSurprise)
    try {
      await work(other)
    } finally {
      await other.close()
      await toolkit.close()
    }
  }

  test('a target that was never built says who builds it', async () => {
    const kinds = hasSearch() ? ['table', 'view', 'search'] : ['table', 'view']
    for (const kind of kinds) {
      const { statusCode, body } = await answer(app, `/sales?target=${kind}`)
      expect(statusCode).toBe(503)
      expect(body).toContain(`daily_sales@${kind} has not been built yet`)
    }
  })

  test.runIf(hasSearch())('search that does not answer leaves the others alone, and leads to them', async () => {
    await rebuild(stand.toolkit, 'product_search@table')
    await withApp({ search: { url: nowhere } }, async (lame) => {
      const { statusCode, body } = await answer(lame, '/products?target=search&q=lamp')
      expect(statusCode).toBe(503)
      expect(body).toContain('OpenSearch does not answer')
      expect(body).toContain('SEARCH_UNREACHABLE')
      expect(body).toContain('Ask product_search@table')
      expect((await answer(lame, '/products?target=table')).statusCode).toBe(200)
    })
  })

  test.runIf(hasSearch())('search that keeps its reader waiting is given up, and the others are offered', async () => {
    await rebuild(stand.toolkit, 'product_search@search')
    let hangs = true
    const proxy = await startFaultyProxy(inject('openSearchUrl'), ({ path }) =>
      hangs && path.includes('_search') ? { kind: 'delay', ms: 10_000 } : undefined,
    )
    await withApp({ search: { url: proxy.url } }, async (lame) => {
      const { statusCode, body } = await answer(lame, '/products?target=search&q=lamp')
      expect(statusCode).toBe(503)
      expect(body).toContain('product_search@search keeps you waiting')
      expect(body).toContain('Ask product_search@table')
      hangs = false
      expect((await answer(lame, '/products?target=search&q=lamp')).statusCode).toBe(200)
    }).finally(() => proxy.close())
  })

  test('a target that is not configured leads to those that are', async () => {
    const { search: _search, ...targets } = stand.toolkit.config.readModels.daily_sales?.targets ?? {}
    const readModels = { daily_sales: { ...stand.toolkit.config.readModels.daily_sales, targets } }
    await withApp({ readModels } as Partial<Toolkit['config']>, async (small) => {
      const { statusCode, body } = await answer(small, '/sales?target=search')
      expect(statusCode).toBe(404)
      expect(body).toContain('There is no daily_sales@search here')
      expect(body).toContain('Ask daily_sales@table')
    })
  })
})

test('without PostgreSQL every page says so, and what to do', async () => {
  const { DATABASE_URL: _given, ...env } = process.env
  const stack = await startStack({ openSearch: false, env })
  await migrate(stack.databaseUrl)
  await migrateShop(stack.databaseUrl)
  const shop = await openShop(stack.databaseUrl)
  const toolkit = await openToolkit(resolveConfig({ ...config, database: stack.databaseUrl, search: nowhere } as never))
  const app = await createApp({ shop, trifold: shopTrifoldOf(toolkit), ...others }, failOnSurprise)
  try {
    await stack.stop()
    for (const url of ['/products', '/sales?target=view', '/sign-in']) {
      const { statusCode, body } = await answer(app, url)
      expect([url, statusCode]).toEqual([url, 503])
      expect(body).toContain('PostgreSQL does not answer')
    }
  } finally {
    await app.close()
    await toolkit.close()
    await shop.close()
    await stack.stop()
  }
})
