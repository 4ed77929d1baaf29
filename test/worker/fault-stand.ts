import { resolveConfig } from '../../src/config.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { failingModels } from '../support/market/failing.ts'
import { Load } from '../support/market/load.ts'
import { type MarketAddress, marketConfig, marketModels } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { createSearch, type TestSearch } from '../support/search.ts'
import { until } from '../support/until.ts'
import { WorkerChild } from '../support/worker-child.ts'

/** A market under load, worker processes that have been loaded ahead of their time, and a toolkit in this process. */
export class FaultStand {
  readonly database: TestDatabase
  readonly search: TestSearch
  readonly toolkit: Toolkit
  readonly load: Load
  private readonly address: MarketAddress
  private readonly loaded: WorkerChild[] = []
  private readonly faults: string[]
  private readonly failing: boolean

  private constructor(
    { database, search, toolkit, load }: Pick<FaultStand, 'database' | 'search' | 'toolkit' | 'load'>,
    faults: string[],
    failing: boolean,
  ) {
    this.database = database
    this.search = search
    this.toolkit = toolkit
    this.load = load
    this.address = addressOf(database, search)
    this.faults = [...faults]
    this.failing = failing
    this.loadAhead()
  }

  /**
   * @param faults of the processes in the order in which {@link child} gives them
   * @param failing whether the handlers refuse some events
   */
  static async open(seed: number, faults: string[], failing = false): Promise<FaultStand> {
    const database = await createMarket()
    const search = createSearch()
    const models = failing ? failingModels : marketModels
    const toolkit = await openToolkit(resolveConfig(marketConfig(addressOf(database, search), models)))
    const load = await Load.open(database.url, seed)
    return new FaultStand({ database, search, toolkit, load }, faults, failing)
  }

  /** The next process, whose worker begins now. */
  child(): WorkerChild {
    const child = this.loaded.shift()
    if (!child) throw new Error('no process is left')
    this.loadAhead()
    child.start()
    return child
  }

  /** Makes the next worker rebuild all targets. */
  async retireAll(): Promise<void> {
    await this.database.pool.query(`update trifold.generations set state = 'retired' where state = 'serving'`)
  }

  /** Stops the load after a worker in this process has begun, and compares all targets once they are current. */
  async expectAgreement(before: WorkerChild, work?: () => Promise<void>): Promise<void> {
    const observed = new Observed()
    const worker = await startWorker(this.toolkit, { observe: observed.observe })
    try {
      await this.agree()
      if (!work) return
      this.load.run()
      await work()
      await this.agree()
    } catch (error) {
      const told = `in this process:\n${observed.text()}\nin the other:\n${before.told()}`
      throw new Error(`${(error as Error).message}\n${told}`, { cause: error })
    } finally {
      await worker.stop()
    }
  }

  async close(): Promise<void> {
    await this.load.close()
    for (const child of this.loaded) await child.kill()
    await this.toolkit.close()
    await this.search.close()
    await this.database.close()
  }

  private async agree(): Promise<void> {
    await this.load.pause()
    await expectAgreement(this.database.url, this.toolkit.targets.values())
    // The rows may be right although their worker has yet to read them again.
    await until('no key is suspect', async () => (await this.suspectKeys()) === 0)
  }

  /** Those of a generation that never served stay until its parked events expire. */
  private async suspectKeys(): Promise<number> {
    const { rows } = await this.database.pool.query(
      `select count(*)
      from trifold.suspect_keys
      join trifold.generations on generations.id = generation_id
      where state = 'serving'`,
    )
    return Number(rows[0].count)
  }

  private loadAhead(): void {
    while (this.loaded.length < 2 && this.faults.length > 0) {
      const fault = this.faults.shift() as string
      this.loaded.push(new WorkerChild({ ...this.address, pageSize: 3, failing: this.failing, fault }))
    }
  }
}

const addressOf = (database: TestDatabase, search: TestSearch): MarketAddress => ({
  database: database.url,
  search: search.url,
  indexPrefix: search.prefix,
})
