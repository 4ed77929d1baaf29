import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPool } from '../../src/database.ts'
import type { Row } from '../../src/encoding.ts'
import type { Features, Materializer, MaterializerName, TargetContext } from '../../src/materializer.ts'
import type { ReadModel } from '../../src/read-model.ts'
import type { TestDatabase } from '../support/database.ts'
import { marketContext, marketViews } from '../support/market/context.ts'
import { createMarket } from '../support/market/database.ts'
import { marketEvents, type marketModels, marketModels as models } from '../support/market.ts'
import { allRows, inKeyOrder, TargetDriver } from '../support/target-driver.ts'
import { eventFedConformance } from './conformance-events.ts'
import { prepareConformance } from './conformance-prepare.ts'
import { queryConformance } from './conformance-query.ts'
import { scheduledConformance } from './conformance-schedule.ts'

export type MarketModel = keyof typeof marketModels

/** What the suite needs to know of a materializer beyond its declared features. */
export interface Conforming {
  name: MaterializerName
  /** What it declares. */
  features: Features
  create(context: TargetContext): Materializer
  /** Where it cannot be queried: its rows. */
  rows?(materializer: Materializer): Row[]
  /** Removes the storage of the generation that serves, as an accident would. */
  loseStorage(materializer: Materializer, storage: string): Promise<void>
  /** Why `refresh` is refused, where it is. */
  refusesRefresh?: RegExp
}

/** One market, and targets on it. Every test fills its targets anew. */
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

  /** A target of the market, not filled; with other handlers where given. */
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
    const { rows, refusesRefresh } = this.conforming
    const key = materializer.context.definition.key.map((column) => column.name)
    if (rows) return inKeyOrder(rows(materializer), key)
    if (materializer.features.fedBy === 'events' && refusesRefresh === undefined) await materializer.refresh()
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

/** The promises of the interface `Materializer`, as far as the materializer declares them. */
export function conformance(conforming: Conforming): void {
  describe(`the promises of a materializer, kept by ${conforming.name}`, () => {
    let stand: Stand
    beforeAll(async () => {
      stand = new Stand(conforming, await createMarket())
    })
    afterAll(() => stand?.close())
    const open = () => stand

    it('fills a target from a database that has data', async () => {
      await fillMarket(stand)
      for (const name of ['plain_order', 'day_total', 'pictured_order'] as const) {
        const driver = await stand.target(name)
        const generation = await driver.fill('it is the first')
        expect(generation).toMatchObject({ target: `${name}@${conforming.name}`, state: 'serving' })
        await stand.expectEqual(driver)
        expect(await driver.expected()).not.toHaveLength(0)
      }
      await stand.clear()
    })

    it('closes twice', async () => {
      const driver = await stand.target('plain_order')
      await driver.fill()
      await driver.materializer.close()
      await driver.materializer.close()
      await stand.clear()
    })

    it('declares its features', async () => {
      const { materializer } = await stand.target('plain_order')
      expect(materializer.features).toEqual(conforming.features)
      await stand.clear()
    })

    prepareConformance(open)
    queryConformance(open)
    if (conforming.features.fedBy === 'events') describe('fed by events', () => eventFedConformance(open, conforming))
    else describe('fed by a schedule', () => scheduledConformance(open))
  })
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
