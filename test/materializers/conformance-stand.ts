import { expect } from 'vitest'
import { openPool } from '../../src/database.ts'
import type { Row } from '../../src/encoding.ts'
import type { Features, Materializer, TargetContext } from '../../src/materializer.ts'
import type { FedBy } from '../../src/read-model/feed.ts'
import type { ReadModel } from '../../src/read-model.ts'
import type { MaterializerName } from '../../src/target.ts'
import type { TestDatabase } from '../support/database.ts'
import { marketContext, marketViews } from '../support/market/context.ts'
import { marketEvents, type marketModels, marketModels as models } from '../support/market.ts'
import { allRows, inKeyOrder, TargetDriver } from '../support/target-driver.ts'

export type MarketModel = keyof typeof marketModels

/** What the suite needs to know of a materializer beyond its declared features. */
export interface Conforming {
  name: MaterializerName
  /** What it declares. */
  fedBy: FedBy
  features: Features
  create(context: TargetContext): Materializer
  /** Where it cannot be queried: its rows. */
  rows?(materializer: Materializer): Row[]
  /** Removes the storage of the generation that serves, as an accident would. */
  loseStorage(materializer: Materializer, storage: string): Promise<void>
}

/** One market, and targets on it. Every test rebuilds its targets. */
export class Stand {
  readonly conforming: Conforming
  readonly database: TestDatabase
  private readonly pool: ReturnType<typeof openPool>
  private readonly opened: TargetDriver[] = []

  constructor(conforming: Conforming, database: TestDatabase) {
    this.conforming = conforming
    this.database = database
    this.pool = openPool(database.url, { name: 'conformance' })
  }

  /** A target of the market, not built; with other handlers where given. */
  async target(name: MarketModel, over: Partial<ReadModel> = {}, viewsFolder = marketViews): Promise<TargetDriver> {
    const { conforming, database, pool } = this
    const model = { ...models[name], ...over } as ReadModel
    const context = await marketContext(pool, database.url, name, conforming.name, model, viewsFolder)
    const driver = await TargetDriver.open(conforming.create(context), marketEvents)
    this.opened.push(driver)
    return driver
  }

  /** What readers of the target see, once all that was applied can be seen. */
  async rows({ materializer }: TargetDriver): Promise<Row[]> {
    const { rows } = this.conforming
    const key = materializer.context.definition.key.map((column) => column.name)
    if (rows) return inKeyOrder(rows(materializer), key)
    await materializer.makeSearchable?.()
    return allRows(materializer)
  }

  async expectEqual(driver: TargetDriver): Promise<void> {
    expect(await this.rows(driver)).toEqual(await driver.expected())
  }

  /** Ends what a test has opened, and empties the market. */
  async clear(): Promise<void> {
    for (const driver of this.opened.splice(0).reverse()) await driver.close()
    await this.database.pool.query('truncate orders')
    await this.database.pool.query(`update trifold.generations set state = 'retired' where state = 'serving'`)
    await this.database.pool.query(`update products set image = 'image ' || id || '.0'`)
  }

  async close(): Promise<void> {
    await this.clear()
    await this.pool.end()
    await this.database.close()
  }
}

/** Orders with every kind of value, in the write model only: no event tells of them. */
export async function fillMarket({ database }: Stand, orders = 12): Promise<void> {
  await database.pool.query(
    `insert into orders
    select
      id,
      id % 4,
      id,
      1 + id % 3,
      date '2026-01-01' + id % 2,
      case when id % 3 > 0 then 'note "' || id || '" \\ ünïcode' end,
      case when id % 3 > 1 then array['a,b', 'c"d', null] end,
      case when id % 2 > 0 then jsonb_build_object('z', id, 'a', array[1, null]) end,
      timestamptz '2026-01-01 12:00:00.123456+02' + id * interval '1 microsecond'
    from generate_series(1, $1::integer) as id`,
    [orders],
  )
}
