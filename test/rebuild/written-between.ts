import { FeedCatchUp } from '../../src/consumer/catch-up.ts'
import { openPool } from '../../src/database.ts'
import type { Row } from '../../src/encoding.ts'
import type { EventFed } from '../../src/materializer.ts'
import { createSearchMaterializer } from '../../src/materializers/search.ts'
import { createTableMaterializer } from '../../src/materializers/table.ts'
import { buildNext, type NextBuild } from '../../src/rebuild/build-next.ts'
import type { Generation } from '../../src/schema/generations.ts'
import { Random } from '../feed/random.ts'
import type { TestDatabase } from '../support/database.ts'
import { marketContext } from '../support/market/context.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, MarketWriter, orderIds, placeOrder } from '../support/market/writer.ts'
import { marketEvents, marketModels } from '../support/market.ts'
import type { TestSearch } from '../support/search.ts'
import { allRows, TargetDriver } from '../support/target-driver.ts'

export type MarketModel = keyof typeof marketModels

/** A table, or an index, of the market whose definition changes while it is copied: behind the rows of each range. */
export class WrittenBetween {
  readonly database: TestDatabase
  readonly pool: ReturnType<typeof openPool>
  readonly driver: TargetDriver
  /** How many ranges were copied. */
  ranges = 0
  private readonly writers: MarketWriter[]

  private constructor(
    { database, pool, driver }: Pick<WrittenBetween, 'database' | 'pool' | 'driver'>,
    writers: MarketWriter[],
  ) {
    this.database = database
    this.pool = pool
    this.driver = driver
    this.writers = writers
  }

  static async open(name: MarketModel, seed: number, search?: TestSearch): Promise<WrittenBetween> {
    const database = await createMarket()
    const pool = openPool(database.url, { name: 'test' })
    const random = new Random(seed)
    const order = () => ({ quantity: random.between(1, 5), productId: random.between(1, 3), day: '2026-01-01' })
    for (const id of orderIds) await inOneTransaction(database.pool, (client) => placeOrder(client, id, order()))
    const kind = search ? 'search' : 'table'
    const context = await marketContext(pool, database.url, name, kind, marketModels[name] as never)
    const materializer = search
      ? createSearchMaterializer(context, { url: search.url }, search.prefix)
      : createTableMaterializer(context)
    const driver = await TargetDriver.open(materializer, marketEvents)
    const writers = await Promise.all([0, 1].map(() => MarketWriter.open(database.url, random.fork())))
    return new WrittenBetween({ database, pool, driver }, writers)
  }

  /** Rebuilds while each range is followed by writes that its snapshot does not show, and the next one's does. */
  async rebuild(materializer = this.materializer(), options: Partial<NextBuild> = {}): Promise<Generation> {
    const { projector } = this.driver
    return buildNext(materializer, {
      reason: 'test',
      catchUp: (next) => new FeedCatchUp(materializer, projector, next, { pageSize: 2 }),
      ...options,
    })
  }

  /** The rows of the target once it has caught up, and those of its definition. */
  async rows(): Promise<{ found: Row[]; expected: Row[] }> {
    await this.driver.catchUp(await this.driver.lease())
    await this.driver.materializer.makeSearchable?.()
    return { found: await allRows(this.driver.materializer), expected: await this.driver.expected() }
  }

  /** @param onRange after the rows of a range, before it commits */
  materializer(onRange: () => Promise<void> = () => this.write()): EventFed {
    const materializer = this.driver.materializer as EventFed
    return {
      ...materializer,
      build: (options) => {
        const build = materializer.build(options)
        const { ranges } = build
        if (!ranges) throw new Error('it has no ranges')
        return {
          ...build,
          ranges: {
            ...ranges,
            copy: async (...copied) => {
              const rows = await ranges.copy(...copied)
              this.ranges += 1
              await onRange()
              return rows
            },
          },
        }
      },
    }
  }

  async close(): Promise<void> {
    for (const writer of this.writers) await writer.close()
    await this.driver.close()
    await this.pool.end()
    await this.database.close()
  }

  /** Changes rows, and makes a window. */
  async write(): Promise<void> {
    await Promise.all(this.writers.map((writer) => writer.transaction()))
    await this.writers[0]?.transaction()
    await this.driver.feed.tick()
  }
}
