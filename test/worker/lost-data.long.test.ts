import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker, type WorkerOptions } from '../../src/worker.ts'
import { Random } from '../feed/random.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement, whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { Load } from '../support/market/load.ts'
import {
  advanceOrder,
  changeImage,
  changeQuantity,
  deleteOrder,
  inOneTransaction,
  moveOrder,
  placeOrder,
} from '../support/market/writer.ts'
import { marketConfig, marketModels } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_LEASE_MS = '1500'
})

const day = '2026-01-01'
const order = { quantity: 2, productId: 1, day }

// The cases in which other tools that keep a copy of a database's rows were seen to lose data for good.
describeWithSearch('what other tools lost', () => {
  let database: TestDatabase
  let search: TestSearch
  const toolkits: Toolkit[] = []
  const workers: Worker[] = []
  const observed = new Observed()

  beforeEach(async () => {
    database = await createMarket()
    search = createSearch()
    observed.forget()
  })
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()))
    await Promise.all(toolkits.splice(0).map((toolkit) => toolkit.close()))
    await search.close()
    await database.close()
  })

  const open = async (indexRefresh = '20ms'): Promise<Toolkit> => {
    const models = Object.fromEntries(
      Object.entries(marketModels).map(([name, model]) => [
        name,
        { ...model, targets: { table: {}, search: { indexRefresh } } },
      ]),
    )
    const address = { database: database.url, search: inject('openSearchUrl'), indexPrefix: search.prefix }
    const toolkit = await openToolkit(resolveConfig(marketConfig(address, models as never)))
    toolkits.push(toolkit)
    return toolkit
  }
  const start = async (toolkit: Toolkit, options: WorkerOptions = {}): Promise<Worker> => {
    const worker = await startWorker(toolkit, { observe: observed.observe, ...options })
    workers.push(worker)
    return worker
  }
  const agree = (toolkit: Toolkit) =>
    expectAgreement(database.url, toolkit.targets.values()).catch((error) => {
      throw new Error(`${error.message}\n${observed.text()}`)
    })
  const commit = <T>(work: Parameters<typeof inOneTransaction<T>>[1]) => inOneTransaction(database.pool, work)
  const applied = (toolkit: Toolkit) => whenApplied(database.url, [...toolkit.targets.keys()])

  it('a transaction that stays open while the worker is restarted', async () => {
    const toolkit = await open()
    const first = await start(toolkit)
    await applied(toolkit)
    const late = await database.pool.connect()
    await late.query('begin')
    await placeOrder(late, 1, order)
    await commit((client) => placeOrder(client, 2, order))
    await applied(toolkit)
    await first.stop()
    await commit((client) => changeImage(client, 1, 'meanwhile'))
    await start(toolkit)
    await commit((client) => advanceOrder(client, 2, 1))
    await applied(toolkit)
    await advanceOrder(late, 1, 5)
    await late.query('commit')
    late.release()
    await agree(toolkit)
    expect((await toolkit.target('day_total@table').find({})).rows).toMatchObject([{ orders: 2, quantity: 4 }])
  })

  it('a lone update during a clean stop', async () => {
    const toolkit = await open()
    const random = new Random(3)
    await start(toolkit)
    await commit((client) => placeOrder(client, 1, order))
    await applied(toolkit)
    for (let round = 0; round < 5; round++) {
      const stopping = (workers.pop() as Worker).stop()
      await pause(random.between(0, 15))
      await commit((client) => changeQuantity(client, 1, round + 3))
      await stopping
      await start(toolkit)
      await agree(toolkit)
    }
  })

  it('a child row that changes within an index refresh of its parent', async () => {
    const toolkit = await open('2s')
    await start(toolkit)
    await applied(toolkit)
    await commit((client) => placeOrder(client, 1, order))
    await applied(toolkit)
    await commit((client) => changeImage(client, 1, 'within the index refresh'))
    await applied(toolkit)
    await commit((client) => moveOrder(client, 1, 2))
    await applied(toolkit)
    await commit((client) => changeImage(client, 2, 'and once more'))
    await agree(toolkit)
  })

  it('deletes and changed children while the worker catches up', async () => {
    const toolkit = await open()
    await (async () => {
      const worker = await start(toolkit)
      await applied(toolkit)
      await worker.stop()
    })()
    for (let id = 1; id <= 30; id++)
      await commit((client) => placeOrder(client, id, { ...order, productId: 1 + (id % 3) }))
    await start(toolkit, { pageSize: 4 })
    for (let id = 1; id <= 30; id += 3) {
      await commit((client) => deleteOrder(client, id))
      await commit((client) => changeImage(client, 1 + (id % 3), `image ${id}`))
      await commit((client) => moveOrder(client, id + 1, 1 + (id % 3)))
    }
    await agree(toolkit)
  })

  it('deletes and changed children while a target is rebuilt', async () => {
    for (let id = 1; id <= 30; id++) await commit((client) => placeOrder(client, id, order))
    const toolkit = await open()
    await start(toolkit, { pageSize: 4 })
    for (let id = 1; id <= 30; id += 3) {
      await commit((client) => deleteOrder(client, id))
      await commit((client) => changeImage(client, 1 + (id % 3), `image ${id}`))
      await commit((client) => moveOrder(client, id + 1, 1 + (id % 3)))
    }
    await agree(toolkit)
  })

  it.each([1, 5_000])('a row that is deleted and inserted again under its key, in pages of %i', async (pageSize) => {
    const toolkit = await open()
    await start(toolkit, { pageSize })
    await commit((client) => placeOrder(client, 1, order))
    await commit((client) => deleteOrder(client, 1))
    await commit((client) => placeOrder(client, 1, { ...order, quantity: 3 }))
    await agree(toolkit)
    await commit(async (client) => {
      await deleteOrder(client, 1)
      await placeOrder(client, 1, { ...order, quantity: 4, productId: 2 })
      await advanceOrder(client, 1, 1)
    })
    await agree(toolkit)
    await commit((client) => deleteOrder(client, 1))
    await agree(toolkit)
    expect((await toolkit.target('plain_order@search').find({})).rows).toEqual([])
    await commit((client) => placeOrder(client, 1, { ...order, quantity: 5 }))
    await agree(toolkit)
  })

  it('the order of events with two workers at once, which take over from each other', async () => {
    const [one, two] = [await open(), await open()]
    await start(one)
    const load = await Load.open(database.url, 11)
    load.run()
    await start(two)
    for (let round = 0; round < 3; round++) {
      await pause(150)
      await workers.shift()?.stop()
      await start(round % 2 === 0 ? one : two)
    }
    await load.close()
    await agree(one)
    await agree(two)
  })

  it('events whose rows were locked in the table, or whose index took no writes, for longer than a lease', async () => {
    const [one, two] = [await open(), await open()]
    await start(one)
    await start(two)
    await commit(async (client) => {
      for (const id of [1, 2, 3]) await placeOrder(client, id, order)
    })
    await agree(one)
    const storages = await database.pool.query(
      `select target, storage from trifold.generations where state = 'serving'`,
    )
    const indexes = storages.rows.filter(({ target }) => target.endsWith('@search')).map(({ storage }) => storage)
    const holder = await database.pool.connect()
    await holder.query('begin')
    for (const { target, storage } of storages.rows) {
      if (target.endsWith('@table')) await holder.query(`select * from trifold.${storage} for update`)
    }
    await setWriteBlock(indexes, true)
    for (let round = 0; round < 6; round++) {
      await commit(async (client) => {
        for (const id of [1, 2, 3]) await changeQuantity(client, id, round + 5)
        await changeImage(client, 1, `image ${round}`)
      })
      await pause(1_000) // longer than a lease altogether, and than several attempts
    }
    await holder.query('commit')
    holder.release()
    await setWriteBlock(indexes, false)
    await agree(one)
  })

  it('events whose transactions commit in another order than they were written', async () => {
    const toolkit = await open()
    await start(toolkit)
    await applied(toolkit)
    const clients = await Promise.all(Array.from({ length: 6 }, () => database.pool.connect()))
    for (const [place, client] of clients.entries()) {
      await client.query('begin')
      await placeOrder(client, place + 1, order)
    }
    for (const place of [5, 0, 3, 4, 1, 2]) {
      await clients[place]!.query('commit')
      await commit((client) => changeQuantity(client, place + 1, 9))
      await applied(toolkit)
    }
    for (const client of clients) client.release()
    await agree(toolkit)
  })

  const setWriteBlock = (indexes: string[], write: boolean) =>
    search.client.indices.putSettings({ index: indexes.join(','), body: { index: { 'blocks.write': write } } as never })
})
