import { inject } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { isTrifoldError } from '../../src/errors.ts'
import { verify } from '../../src/operator/verify.ts'
import { rebuildUnderWay } from '../../src/schema/generations.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { Load } from '../support/market/load.ts'
import { marketConfig } from '../support/market.ts'
import { createSearch, type TestSearch } from '../support/search.ts'
import { until } from '../support/until.ts'

type Models = NonNullable<Parameters<typeof marketConfig>[1]>

interface LoadOptions {
  models?: Models
  /** Each writes a transaction and rests for 5 ms, again and again. */
  writers?: number
}

/** The same read models, one of them as a view too. */
export const withView = ({ plain_order, ...rest }: Models): Models => ({
  ...rest,
  plain_order: { ...plain_order, targets: { ...plain_order?.targets, view: { every: '1s' } } } as Models[string],
})

const fedByEvents = (toolkit: Toolkit): string[] =>
  [...toolkit.targets].filter(([, { fedBy }]) => fedBy === 'events').map(([target]) => target)

/** The market with all of its targets, a worker that keeps them, and writers that change it all the time. */
export class LoadedMarket {
  readonly database: TestDatabase
  readonly toolkit: Toolkit
  readonly load: Load
  private readonly search: TestSearch | undefined
  private readonly worker: Worker

  private constructor(
    database: TestDatabase,
    toolkit: Toolkit,
    load: Load,
    worker: Worker,
    search: TestSearch | undefined,
  ) {
    this.database = database
    this.toolkit = toolkit
    this.load = load
    this.worker = worker
    this.search = search
  }

  static async open(seed: number, { models, writers = 4 }: LoadOptions = {}): Promise<LoadedMarket> {
    const database = await createMarket()
    const search = inject('openSearchUrl') === '' ? undefined : createSearch()
    const address = { database: database.url, ...(search && { search: search.url, indexPrefix: search.prefix }) }
    const toolkit = await openToolkit(resolveConfig(marketConfig(address, models)))
    const worker = await startWorker(toolkit)
    await whenApplied(database.url, fedByEvents(toolkit))
    for (const target of toolkit.targetNames)
      await until('the end of the build', async () => !(await rebuildUnderWay(toolkit.pool, target)))
    const load = await Load.open(database.url, seed, writers)
    load.run()
    return new LoadedMarket(database, toolkit, load, worker, search)
  }

  /** Verifies all targets, and gives those that differ. One that is too far behind is waited for, without writers. */
  async alarms(toolkit = this.toolkit): Promise<object[]> {
    const verifications = await verify(toolkit, toolkit.targetNames).catch(async (error) => {
      if (!isTrifoldError(error, 'VERIFY_IMPOSSIBLE')) throw error
      await this.catchUp()
      return verify(toolkit, toolkit.targetNames)
    })
    return verifications
      .filter(({ differences }) => differences.length > 0)
      .map(({ target, differences, snapshot }) => ({ target, snapshot, differences }))
  }

  /** Waits until the writers have changed more than a few rows. */
  async writesOn(): Promise<void> {
    const before = this.load.transactions
    await until('50 more transactions', () => this.load.transactions >= before + 50)
  }

  /** Waits for the same, and until the targets have applied it. */
  async movesOn(): Promise<void> {
    await this.writesOn()
    await whenApplied(this.database.url, fedByEvents(this.toolkit))
  }

  /** Runs `work` while nothing is applied to a table, and the writers have gone on. */
  async whileBehind<T>(table: string, work: () => Promise<T>): Promise<T> {
    const holder = await this.database.pool.connect()
    await holder.query('begin')
    try {
      await holder.query(`lock table trifold.${table}__table_g1 in share mode`)
      await this.writesOn()
      return await work()
    } finally {
      await holder.query('rollback')
      holder.release()
    }
  }

  /** Stops the writers until the targets have applied everything. */
  async catchUp(): Promise<void> {
    await this.settle()
    this.load.run()
  }

  /** Stops the writers, and waits until the targets have applied everything. */
  async settle(): Promise<void> {
    await this.load.pause()
    await whenApplied(this.database.url, fedByEvents(this.toolkit))
  }

  async close(): Promise<void> {
    await this.load.close()
    await this.worker.stop()
    await this.toolkit.close()
    await this.search?.close()
    await this.database.close()
  }
}
