import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { inject } from 'vitest'
import { generateBulk } from '../../examples/shop/generate-bulk.ts'
import { type CompareOptions, compare } from '../../packages/compare/src/run.ts'
import { loadConfig, type ResolvedConfig, resolveConfig } from '../../src/config.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { createSearch, type TestSearch } from '../support/search.ts'

/** A shop with orders, and a configuration file of its own that workers in other processes can load. */
export interface ComparedShop {
  database: TestDatabase
  search: TestSearch | undefined
  folder: string
  configFile: string
  config: ResolvedConfig
  /** A comparison with these options; 3 s at 20 transactions a second, and whatever the database looks like. */
  compare(readModel: string, options?: Partial<CompareOptions>): ReturnType<typeof compare>
  /** All that a comparison could leave behind. */
  traces(): Promise<string[]>
  close(): Promise<void>
}

const shopConfig = fileURLToPath(new URL('../../examples/shop/trifold.config.ts', import.meta.url))

/**
 * @param options.orders orders to create first
 * @param options.readModels those of the shop that are configured
 * @param options.withSearch false leaves OpenSearch out
 * @param options.workload false configures none
 */
export async function createComparedShop(
  options: { orders?: number; readModels?: string[]; withSearch?: boolean; workload?: boolean } = {},
): Promise<ComparedShop> {
  const { orders = 300, readModels = ['order_summary', 'daily_sales'] } = options
  const database = await createDatabase({ shop: true })
  if (orders > 0) await makeOrders(database.url, orders)
  const search = options.withSearch === false || inject('openSearchUrl') === '' ? undefined : createSearch()
  const folder = await mkdtemp(join(tmpdir(), 'trifold-compare-'))
  const configFile = join(folder, 'trifold.config.ts')
  await writeFile(configFile, configText(database, search, readModels, options.workload ?? true))
  const { config: loaded } = await loadConfig(configFile)
  const config = resolveConfig(loaded, dirname(configFile), {})
  return {
    database,
    search,
    folder,
    configFile,
    config,
    compare: (readModel, more = {}) =>
      compare(config, readModel, { configFile, seconds: 3, rate: 20, yes: true, ...more }),
    traces: () => tracesOf(database, search),
    async close() {
      await rm(folder, { recursive: true })
      await search?.close()
      await database.close()
    },
  }
}

/** In sessions that end: what they wrote is then in the statistics by which writes of others are noticed. */
async function makeOrders(url: string, orders: number): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  await generateBulk(pool, { orders })
  await pool.end()
}

const configText = (
  database: TestDatabase,
  search: TestSearch | undefined,
  readModels: string[],
  workload: boolean,
): string => `
  import shop from ${JSON.stringify(shopConfig)}
  const { workload, search: _search, ...rest } = shop
  const often = (model) => ({ ...model, targets: { ...model.targets, view: { every: '1s' } } })
  const readModels = Object.fromEntries(${JSON.stringify(readModels)}.map((name) => [name, often(shop.readModels[name])]))
  export default {
    ...rest,
    readModels: ${search ? 'readModels' : 'Object.fromEntries(Object.entries(readModels).map(([name, { targets: { search, ...targets }, ...model }]) => [name, { ...model, targets }]))'},
    database: ${JSON.stringify(database.url)},
    ${search ? `search: ${JSON.stringify(search.url)}, indexPrefix: ${JSON.stringify(search.prefix)},` : ''}
    ${workload ? 'workload,' : ''}
  }`

async function tracesOf({ pool }: TestDatabase, search: TestSearch | undefined): Promise<string[]> {
  const { rows: relations } = await pool.query(
    `select nspname || '.' || relname as name
    from pg_class
    join pg_namespace as namespace on namespace.oid = relnamespace
    where nspname !~ '^pg_|information_schema'
      and relname !~ '^outbox_p\\d'`, // any worker creates partitions of the outbox ahead
  )
  const { rows: kept } = await pool.query(
    `select 'generation ' || target || ' ' || number as name from trifold.generations
    union all select 'consumer ' || generation_id from trifold.consumers
    union all select 'row snapshot ' || key from trifold.row_snapshots
    union all select 'schedule ' || target from trifold.schedules
    union all select 'refresh ' || target || ' ' || id from trifold.refreshes
    union all select 'serving ' || read_model || ' ' || target from trifold.serving`,
  )
  const indexes = search ? Object.keys((await search.client.indices.get({ index: `${search.prefix}*` })).body) : []
  return [...[...relations, ...kept].map(({ name }) => name as string), ...indexes].sort()
}
