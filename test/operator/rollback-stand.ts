import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ResolvedConfig, resolveConfig } from '../../src/config.ts'
import { tick } from '../../src/feed/tick.ts'
import { rebuild } from '../../src/operator/rebuild.ts'
import { patch, type ReadModel } from '../../src/read-model.ts'
import type { Span } from '../../src/span.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import type { TestDatabase } from '../support/database.ts'
import { createMarket } from '../support/market/database.ts'
import { orders, placeOrders, StepReader, writeSteps } from '../support/market/steps.ts'
import { advanceOrder, inOneTransaction } from '../support/market/writer.ts'
import { marketConfig, plainOrder } from '../support/market.ts'
import type { TestSearch } from '../support/search.ts'

const first = readFileSync(new URL('../support/market/views/plain_order_v01.sql', import.meta.url), 'utf8')
/** The second version turns the sign of the status. */
const second = first.replace('orders.status,', '-orders.status as status,')

const turned = {
  ...plainOrder,
  version: 2,
  on: {
    ...plainOrder.on,
    OrderAdvanced: (event: { orderId: number; status: number; changedAt: string }) =>
      patch([event.orderId], { status: -event.status, changed_at: event.changedAt }),
  },
}

type Targets = ReadModel['targets']

/** How a version is deployed. */
interface Deployment {
  keepWarm?: Span | 'never'
  indexes?: string[][]
}

/** A read model in two versions, deployed to some targets one after the other. */
export class RollbackStand {
  readonly database: TestDatabase
  private readonly targets: Targets
  private readonly search: TestSearch | undefined
  private readonly folders: string[] = []
  private readonly opened: Toolkit[] = []

  private constructor(database: TestDatabase, targets: Targets, search: TestSearch | undefined) {
    this.database = database
    this.targets = targets
    this.search = search
  }

  static async open(targets: Targets, search?: TestSearch): Promise<RollbackStand> {
    const database = await createMarket()
    await placeOrders(database, 1_020)
    return new RollbackStand(database, targets, search)
  }

  async close(): Promise<void> {
    for (const toolkit of this.opened) await toolkit.close()
    for (const folder of this.folders) rmSync(folder, { recursive: true })
    await this.database.close()
  }

  /** The code of a version, with its definitions. */
  async deploy(version: 1 | 2, { keepWarm = '1h', indexes = [] }: Deployment = {}): Promise<Toolkit> {
    const toolkit = await openToolkit(this.config(version, keepWarm, indexes))
    this.opened.push(toolkit)
    return toolkit
  }

  /** Version 2 has taken the place of version 1, which follows. */
  async deployed(): Promise<{ before: Toolkit; after: Toolkit }> {
    const before = await this.deploy(1)
    await this.rebuildAll(before)
    const after = await this.deploy(2)
    await this.rebuildAll(after)
    return { before, after }
  }

  async rebuildAll(toolkit: Toolkit): Promise<void> {
    for (const target of toolkit.targetNames) await rebuild(toolkit, target)
  }

  /** Takes a step in some orders; a window shows it. */
  async advance(step: number, ids = orders): Promise<void> {
    await inOneTransaction(this.database.pool, async (client) => {
      for (const id of ids) await advanceOrder(client, id, step)
    })
    const client = await this.database.pool.connect()
    await tick(client).finally(() => client.release())
  }

  /**
   * A reader of a target, who has polled during some work and has read on after it, while the application wrote.
   *
   * @param work gets what waits until the reader has read on
   */
  async readDuring(
    toolkit: Toolkit,
    target: string,
    work: (reads: () => Promise<void>) => Promise<void>,
  ): Promise<StepReader> {
    const steps = writeSteps(this.database)
    const reader = new StepReader((request) => toolkit.target(target).find(request))
    try {
      await work(() => reader.readsOn())
      await reader.readsOn()
    } finally {
      await steps.stop()
      await reader.stop()
    }
    return reader
  }

  /** Numbers and states of the generations. */
  async states(): Promise<unknown[][]> {
    const { rows } = await this.database.pool.query('select number::int, state from trifold.generations order by id')
    return rows.map(Object.values)
  }

  /** The status of each order, in the order of their ids. */
  async statuses(toolkit: Toolkit, target: string): Promise<number[]> {
    const { rows } = await toolkit.target(target).find({ where: { order_id: { in: orders } }, sort: 'order_id' })
    return rows.map(({ status }) => Number(status))
  }

  private config(version: 1 | 2, keepWarm: Span | 'never', indexes: string[][]): ResolvedConfig {
    const folder = mkdtempSync(join(tmpdir(), 'trifold-rollback-'))
    this.folders.push(folder)
    writeFileSync(join(folder, 'plain_order_v01.sql'), first)
    if (version === 2) writeFileSync(join(folder, 'plain_order_v02.sql'), second)
    const model = { ...(version === 1 ? plainOrder : turned), targets: this.targets, indexes }
    const address = {
      database: this.database.url,
      ...(this.search && { search: this.search.url, indexPrefix: this.search.prefix }),
    }
    return resolveConfig({
      ...marketConfig(address, {}),
      readModels: { plain_order: model },
      views: folder,
      ...(keepWarm !== 'never' && { keepWarm }),
    } as never)
  }
}
