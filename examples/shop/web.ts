import { once } from 'node:events'
import { migrate, openTrifold } from 'trifold'
import { type DemoKit, type Run, withRun } from './demo/run.ts'
import { Customer } from './entities/customer.ts'
import { generateShop } from './generate.ts'
import { migrateShop } from './migrate.ts'
import { openShop, type Shop } from './shop.ts'
import type { ShopTrifold } from './trifold.config.ts'
import { createApp } from './web/app.ts'
import { OrdersBreakage } from './web/breakage.ts'
import { type Engines, openEngines } from './web/engines.ts'
import type { WebOptions } from './web/options.ts'
import { openTools } from './web/tools.ts'
import { trafficUntil } from './web/traffic.ts'
import { WorkerProcess } from './web/worker.ts'
import { whenBuilt } from './when-built.ts'

/**
 * Serves the web front of the shop on a loopback port until Ctrl-C: engines, both schemas, some orders where there are
 * none, a worker in its own process. Everything that was started ends with it.
 */
export async function runWeb(kit: DemoKit, options: WebOptions): Promise<void> {
  const console = { stdout: process.stdout, stderr: process.stderr, exitCode: 0 }
  await withRun(kit, console, options, async (run) => {
    const engines = await openEngines(run)
    const shop = await stockedShop(run, engines)
    const trifold = await openTargets(run, engines)
    const worker = new WorkerProcess(engines, run)
    worker.start()
    run.atEnd(() => worker.close())
    run.say('Building the targets.')
    await whenBuilt(trifold, run.signal)
    const tools = await openTools(engines, run)
    const breakage = new OrdersBreakage(engines, trifold)
    run.atEnd(() => breakage.close())
    const web = { shop, trifold, worker, breakage, tools }
    const app = await createApp(web, (error) => process.stderr.write(`${shown(error)}\n`))
    run.atEnd(() => app.close())
    const address = await app.listen({ host: '127.0.0.1', port: options.port })
    const end = run.whileLoading(undefined)
    run.say(`Its read models for analysts: ${tools.explorer}\nand for operators: ${tools.console}`)
    run.say(`What breaks them, and how they heal: ${address}/behind`)
    run.say(`The shop is open at ${address} (Ctrl-C closes it)`)
    if (options.traffic > 0) await trafficUntil(end, shop, engines, run)
    else if (!end.aborted) await once(end, 'abort')
  })
  process.exitCode = console.exitCode
}

async function stockedShop({ options, signal, say, atEnd }: Run<WebOptions>, engines: Engines): Promise<Shop> {
  await migrate(engines.databaseUrl)
  await migrateShop(engines.databaseUrl)
  const shop = await openShop(engines.databaseUrl)
  atEnd(() => shop.close())
  if ((await shop.orm.em.fork().count(Customer)) > 0) return shop
  say(`The shop is empty: placing ${options.orders} orders through its ORM.`)
  await generateShop({ orm: shop.orm, orders: options.orders, products: 96, signal })
  return shop
}

async function openTargets({ atEnd }: Run<WebOptions>, engines: Engines): Promise<ShopTrifold> {
  // The configuration asks the environment whether there is search, as it does in the worker's process.
  if (engines.searchUrl) process.env.OPENSEARCH_URL = engines.searchUrl
  else delete process.env.OPENSEARCH_URL
  const { default: config } = await import('./web/trifold.config.ts')
  const addresses = { database: engines.databaseUrl, search: engines.searchUrl }
  const trifold = await openTrifold({ ...config, ...addresses })
  atEnd(() => trifold.close())
  return trifold
}

const shown = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
