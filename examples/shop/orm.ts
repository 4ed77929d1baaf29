import { MikroORM, type Options } from '@mikro-orm/postgresql'
import { shopEntities } from './mapping.ts'

export type ShopOrm = MikroORM

function options(databaseUrl: string, poolSize: number): Options {
  return {
    clientUrl: databaseUrl,
    entities: shopEntities,
    discovery: { disableDynamicFileAccess: true },
    metadataCache: { enabled: false },
    pool: { min: 0, max: poolSize },
    loadStrategy: 'select-in',
    // A batch compares the versions in a statement of its own, ahead of the update, and a writer between the two is not
    // seen. One at a time the version is a condition of the update itself.
    useBatchUpdates: false,
    schemaGenerator: {
      ignoreSchema: ['trifold', 'bullmq'],
      skipTables: ['shop_migrations', /^(order_summary|daily_sales|product_search)/],
    },
  }
}

/** The ORM of the shop on `databaseUrl`; the caller closes it. No connection is made before the first query. */
export function createOrm(databaseUrl: string, poolSize = 10): Promise<ShopOrm> {
  return MikroORM.init({ ...options(databaseUrl, poolSize), connect: false })
}
