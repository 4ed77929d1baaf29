import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { TrifoldConfig } from '../../src/config.ts'
import type { ReadModel } from '../../src/read-model.ts'
import { type KitTargetName, openTestKit, type TestKit } from '../../src/testing.ts'
import { type MarketEvents, marketConfig, marketModels, marketTables } from '../support/market.ts'
import { migratedTemplate } from '../support/template.ts'

/** A kit of the market, with three products and no orders. */
export async function openMarketKit(
  models: Record<string, ReadModel> = marketModels as never,
  targets: readonly KitTargetName[] = ['memory'],
  views?: string,
): Promise<TestKit<MarketEvents>> {
  const search = inject('openSearchUrl')
  const config = marketConfig({ database: inject('databaseUrl'), search }, models as never)
  return openTestKit({ ...config, ...(views && { views }) } as TrifoldConfig<MarketEvents>, {
    targets,
    template: await migratedTemplate(),
    prepare: (client) => client.query(marketTables),
    seed: (client) => client.query(`update products set image = 'image ' || id || '.0'`),
  })
}

/** A folder of definitions, by the names of their read models. */
export async function withViews<T>(
  definitions: Record<string, string>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'trifold-views-'))
  try {
    for (const [name, sql] of Object.entries(definitions)) await writeFile(join(folder, `${name}_v01.sql`), sql)
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
