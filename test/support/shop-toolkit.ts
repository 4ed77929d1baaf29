import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { createDatabase, type TestDatabase } from './database.ts'
import type { MarketAddress } from './market.ts'
import { createSearch } from './search.ts'
import { type ShopReadModel, shopConfig } from './shop-config.ts'

export interface ShopToolkit {
  database: TestDatabase
  /** Where it is, for a worker in its own process. */
  address: MarketAddress
  toolkit: Toolkit
  /** The targets of the read models: without OpenSearch those in PostgreSQL. */
  targets: string[]
  close(): Promise<void>
}

const folder = fileURLToPath(new URL('../../examples/shop', import.meta.url))

/** The shop's configuration, with some of its read models, on a database and an index prefix of its own. */
export async function openShopToolkit(readModels: readonly ShopReadModel[] = ['order_summary']): Promise<ShopToolkit> {
  const database = await createDatabase({ shop: true })
  const search = inject('openSearchUrl') === '' ? undefined : createSearch()
  const address = { database: database.url, ...(search && { search: search.url, indexPrefix: search.prefix }) }
  const toolkit = await openToolkit(resolveConfig(shopConfig(readModels, address), folder, {}))
  return {
    database,
    address,
    toolkit,
    targets: [...toolkit.targets.keys()],
    async close() {
      await toolkit.close()
      await search?.close()
      await database.close()
    },
  }
}
