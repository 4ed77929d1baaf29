import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { migrateShop } from '../../examples/shop/migrate.ts'
import config from '../../examples/shop/trifold.config.ts'
import { resolveConfig, type TrifoldConfig } from '../../src/config.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { createDatabase, type TestDatabase } from './database.ts'
import { createSearch, type TestSearch } from './search.ts'

export interface ShopToolkit {
  database: TestDatabase
  toolkit: Toolkit
  /** The targets of the read models: without OpenSearch those in PostgreSQL. */
  targets: string[]
  close(): Promise<void>
}

const folder = fileURLToPath(new URL('../../examples/shop', import.meta.url))

type ReadModelName = keyof typeof config.readModels

/** All read models of the shop. */
export const shopReadModels = Object.keys(config.readModels) as ReadModelName[]

/** The shop's configuration, with some of its read models, on a database and an index prefix of its own. */
export async function openShopToolkit(readModels: ReadModelName[] = ['order_summary']): Promise<ShopToolkit> {
  const database = await createDatabase()
  await migrateShop(database.url)
  const search = inject('openSearchUrl') === '' ? undefined : createSearch()
  const toolkit = await openToolkit(resolveConfig(configFor(readModels, database, search), folder, {}))
  return {
    database,
    toolkit,
    targets: [...toolkit.targets.keys()],
    async close() {
      await toolkit.close()
      await search?.close()
      await database.close()
    },
  }
}

function configFor(names: ReadModelName[], database: TestDatabase, search: TestSearch | undefined): TrifoldConfig {
  const base = config as unknown as TrifoldConfig
  const readModels = Object.fromEntries(
    names.map((name) => {
      const model = base.readModels[name] as TrifoldConfig['readModels'][string]
      const { search: searchTarget, ...inPostgres } = model.targets
      return [name, { ...model, targets: search ? { ...inPostgres, search: searchTarget } : inPostgres }]
    }),
  )
  return {
    ...base,
    database: database.url,
    ...(search && { search: search.url, indexPrefix: search.prefix }),
    readModels,
  } as TrifoldConfig
}
