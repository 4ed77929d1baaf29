// The web front on real engines, with a worker in this process that tests can hold up.

import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import { inject } from 'vitest'
import { generateShop } from '../../../../examples/shop/generate.ts'
import { openShop, type Shop } from '../../../../examples/shop/shop.ts'
import type { ShopTrifold } from '../../../../examples/shop/trifold.config.ts'
import { createApp } from '../../../../examples/shop/web/app.ts'
import { OrdersBreakage } from '../../../../examples/shop/web/breakage.ts'
import type { PausableWorker } from '../../../../examples/shop/web/context.ts'
import { whenBuilt } from '../../../../examples/shop/when-built.ts'
import { tuneSchedule } from '../../../../src/operator/schedules.ts'
import type { Toolkit } from '../../../../src/toolkit.ts'
import { Application } from '../../../../src/trifold.ts'
import { startWorker, type Worker } from '../../../../src/worker.ts'
import { shopReadModels } from '../../../support/shop-config.ts'
import { openShopToolkit } from '../../../support/shop-toolkit.ts'

export interface WebStand {
  app: FastifyInstance
  shop: Shop
  trifold: ShopTrifold
  worker: HeldWorker
  breakage: OrdersBreakage
  /** The shop's database. */
  pool: pg.Pool
  /** What nobody foresaw; empty at the end of every test. */
  errors: unknown[]
  close(): Promise<void>
}

/** A worker that stands still until it is told to go on. */
class HeldWorker implements PausableWorker {
  private readonly toolkit: Toolkit
  private running: Worker | undefined
  private paused = false

  constructor(toolkit: Toolkit) {
    this.toolkit = toolkit
  }

  async resume(): Promise<void> {
    this.paused = false
    this.running ??= await startWorker(this.toolkit)
  }

  async pause(): Promise<void> {
    this.paused = true
    await this.running?.stop()
    this.running = undefined
  }

  /** In this process there is nothing to kill. */
  kill(): void {
    void this.pause()
  }

  pausedUntil(): Date | undefined {
    return this.paused ? new Date(Date.now() + 15_000) : undefined
  }
}

/** A shop of fifty orders whose targets are built. Views are refreshed by hand only, so that nothing is a matter of time. */
export async function openWebStand(): Promise<WebStand> {
  const { toolkit, database, close } = await openShopToolkit(shopReadModels)
  const shop = await openShop(database.url)
  await generateShop({ orm: shop.orm, orders: 50, products: 60, customers: 5 })
  for (const name of shopReadModels) await tuneSchedule(toolkit, `${name}@view`, { paused: true })
  const worker = new HeldWorker(toolkit)
  await worker.resume()
  const trifold = shopTrifoldOf(toolkit)
  await whenBuilt(trifold, AbortSignal.timeout(240_000))
  const errors: unknown[] = []
  const breakage = new OrdersBreakage({ databaseUrl: database.url, searchUrl: inject('openSearchUrl') }, trifold)
  const tools = { explorer: 'http://127.0.0.1:4001/explore', console: 'http://127.0.0.1:4001/console' }
  const app = await createApp({ shop, trifold, worker, breakage, tools }, (error) => errors.push(error))
  return {
    app,
    shop,
    trifold,
    worker,
    breakage,
    pool: database.pool,
    errors,
    async close() {
      await app.close()
      await breakage.close()
      await worker.pause()
      await shop.close()
      await close()
    },
  }
}

/** The toolkit of a test as the shop has it. */
export const shopTrifoldOf = (toolkit: Toolkit) => new Application(toolkit) as unknown as ShopTrifold

export const hasSearch = (): boolean => inject('openSearchUrl') !== ''
