import { openTrifold } from 'trifold'
import { createRandom, type Random } from '../random.ts'
import { openShop, type Shop } from '../shop.ts'
import { whenBuilt } from '../when-built.ts'
import { type Engines, openEngines } from './engines.ts'
import type { Reader, TargetKind } from './probes.ts'
import { busyNow } from './report.ts'
import type { Run } from './run.ts'
import { type ShopIds, seedShop } from './seed.ts'
import type { DemoTrifold } from './trifold.config.ts'
import { startWorkerProcess } from './worker-process.ts'
import { measureWriteCost, type WriteCost } from './write-cost.ts'

/** Everything that is open while the demo runs. */
export interface Stage {
  /** The machine's load before the demo. */
  busy: number
  engines: Engines
  shop: Shop
  ids: ShopIds
  random: Random
  write: WriteCost
  trifold: DemoTrifold
  reader: Reader
  targets: TargetKind[]
}

/** Engines, both schemas, a year of orders, and the targets built by a worker. */
export async function setUp(run: Run): Promise<Stage> {
  const busy = busyNow()
  const engines = await openEngines(run)
  const ids = await seed(run, engines)
  const shop = await openShop(engines.databaseUrl)
  run.atEnd(() => shop.close())
  const random = createRandom(1)
  const write = await measureWriteCost(shop, ids, random, run.signal)
  const trifold = await openTargets(run, engines)
  const targets = trifold.targets.map((name) => name.split('@')[1] as TargetKind)
  run.say('\nBuilding the targets from the definition:')
  startWorkerProcess(run, engines)
  await whenBuilt(trifold, run.signal)
  return { busy, engines, shop, ids, random, write, trifold, reader: trifold.readModel('order_summary'), targets }
}

async function seed({ kit, say, options }: Run, engines: Engines): Promise<ShopIds> {
  const { report, ids } = await seedShop(engines.databaseUrl, options.orders)
  const { orders, lines, customers, products } = report
  const shown = [orders, lines, customers, products].map((count) => kit.inThousands(count))
  say(`A shop with ${shown[0]} orders of ${shown[1]} lines, ${shown[2]} customers and ${shown[3]} products,`)
  say(`on ${engines.versions}.`)
  return ids
}

async function openTargets(run: Run, engines: Engines): Promise<DemoTrifold> {
  if (engines.searchUrl) process.env.OPENSEARCH_URL = engines.searchUrl
  else delete process.env.OPENSEARCH_URL
  process.env.TRIFOLD_DEMO_PREFIX = engines.indexPrefix
  const { default: config } = await import('./trifold.config.ts')
  const addresses = { database: engines.databaseUrl, search: engines.searchUrl }
  const trifold = await openTrifold({ ...config, ...addresses })
  run.atEnd(() => trifold.close())
  return trifold
}
