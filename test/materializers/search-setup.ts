import { openPool } from '../../src/database.ts'
import { listGenerations } from '../../src/materializers/search/index-admin.ts'
import { indexNames } from '../../src/materializers/search/index-names.ts'
import type { IndexState } from '../../src/materializers/search/index-state.ts'
import { ownerOf } from '../../src/materializers/search/owner.ts'
import { readState, writeState } from '../../src/materializers/search/state-document.ts'
import { createSearchMaterializer } from '../../src/materializers/search.ts'
import { adoptHistory, readIdentity } from '../../src/schema/history.ts'
import { copyDatabase, createDatabase, type TestDatabase } from '../support/database.ts'
import { marketContext } from '../support/market/context.ts'
import { marketEvents, marketModels, marketTables } from '../support/market.ts'
import { createSearch, type TestSearch } from '../support/search.ts'
import { allRows, TargetDriver } from '../support/target-driver.ts'

/** One search target of the market, moved by hand by several owners, on a database that can be copied. */
export class SearchStand {
  readonly name: keyof typeof marketModels
  readonly search: TestSearch
  readonly databases: TestDatabase[] = []
  private readonly opened: { close(): Promise<void> }[] = []

  private constructor(name: keyof typeof marketModels) {
    this.name = name
    this.search = createSearch()
  }

  static async open(name: keyof typeof marketModels = 'day_total'): Promise<SearchStand> {
    const stand = new SearchStand(name)
    const database = await createDatabase()
    stand.databases.push(database)
    await database.pool.query(marketTables)
    return stand
  }

  /** The database that is used now. */
  get database(): TestDatabase {
    return this.databases.at(-1) as TestDatabase
  }

  async owner(): Promise<TargetDriver> {
    const pool = openPool(this.database.url, { name: 'test' })
    const context = await marketContext(pool, this.database.url, this.name, 'search', marketModels[this.name] as never)
    const { url, prefix } = this.search
    const driver = await TargetDriver.open(createSearchMaterializer(context, { url }, prefix), marketEvents)
    this.opened.push({ close: () => driver.close().then(() => pool.end()) })
    return driver
  }

  /** As if every owner had been frozen for longer than its lease, with a backend that cannot be ended. */
  async expireLeases(): Promise<void> {
    await this.database.pool.query(`update trifold.consumers set lease_until = '-infinity', backend_pid = null`)
  }

  /**
   * Copies the database as it is now. The copy is what a storage snapshot would give that is put back: to all appearance
   * the same database, another history from here on. All connections to the original are ended.
   */
  async copy(): Promise<TestDatabase> {
    const copy = await copyDatabase(this.database)
    await adoptHistory(copy.pool)
    return copy
  }

  /** From now on `database` is the one that is used, and the indexes are its own. */
  async use(database: TestDatabase): Promise<void> {
    this.databases.push(database)
    const pool = openPool(database.url, { name: 'test' })
    const { client, prefix } = this.search
    const owner = ownerOf(await readIdentity(pool))
    for (const { index } of await listGenerations(client, indexNames(prefix, this.name))) {
      const read = await readState<IndexState>(client, index)
      if (read.status === 'found') await writeState(client, index, { ...read.state, owner }, read)
    }
    await pool.end()
  }

  /** Whether what readers see equals the definition. */
  async agrees(driver: TargetDriver): Promise<boolean> {
    await driver.materializer.makeSearchable?.()
    return JSON.stringify(await allRows(driver.materializer)) === JSON.stringify(await driver.expected())
  }

  async close(): Promise<void> {
    for (const one of this.opened.reverse()) await one.close().catch(() => {})
    for (const database of [...this.databases].reverse()) await database.close()
    await this.search.close()
  }
}
