import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { underNewEpoch } from '../../src/consumer/new-epoch.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker, type WorkerOptions } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement, whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { Load } from '../support/market/load.ts'
import { changeQuantity, inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { until } from '../support/until.ts'

const order = { quantity: 2, productId: 1, day: '2026-01-01' }

describe('a worker', () => {
  let database: TestDatabase
  let toolkit: Toolkit
  let worker: Worker | undefined
  const observed = new Observed()

  beforeEach(async () => {
    database = await createMarket()
    toolkit = await openToolkit(resolveConfig(marketConfig({ database: database.url })))
    observed.forget()
  })
  afterEach(async () => {
    await worker?.stop()
    worker = undefined
    await toolkit.close()
    await database.close()
  })

  const start = async (options: WorkerOptions = {}): Promise<Worker> => {
    worker = await startWorker(toolkit, { observe: observed.observe, ...options })
    return worker
  }
  /** Ends the connections whose names begin like this, as a network or an administrator would. */
  const cut = async (name: string): Promise<number> => {
    const { rowCount } = await database.pool.query(
      `select pg_terminate_backend(pid, 5000)
      from pg_stat_activity
      where datname = current_database() and application_name like $1`,
      [`${name}%`],
    )
    return rowCount ?? 0
  }
  const commit = <T>(work: Parameters<typeof inOneTransaction<T>>[1]) => inOneTransaction(database.pool, work)
  const agree = () =>
    expectAgreement(database.url, toolkit.targets.values()).catch((error) => {
      throw new Error(`${error.message}\n${observed.text()}`)
    })
  const applied = () => whenApplied(database.url, [...toolkit.targets.keys()])

  it.each(['trifold ticker', 'trifold reader', 'trifold consumer', 'trifold'])(
    'goes on where its connections "%s…" are cut, idle or under load',
    async (name) => {
      await start()
      await commit((client) => placeOrder(client, 1, order))
      await agree()
      expect(await cut(name)).toBeGreaterThan(0)
      await commit((client) => changeQuantity(client, 1, 5))
      await agree()
      const load = await Load.open(database.url, 3)
      load.run()
      for (let round = 0; round < 3; round++) {
        await until('a connection is cut', async () => (await cut(name)) > 0)
      }
      await load.close()
      await agree()
    },
  )

  it('stops while its feed is gone', async () => {
    const started = await start()
    await applied()
    await cut('trifold ticker')
    await started.stop()
    await started.ended
  })

  it('stops right after it has started, at any point', async () => {
    for (const milliseconds of [0, 5, 20, 60]) {
      const started = await start()
      await new Promise((resolve) => setTimeout(resolve, milliseconds))
      await started.stop()
      await started.ended
    }
    const left = async () => {
      const { rows } = await database.pool.query(
        `select application_name
        from pg_stat_activity
        where datname = current_database() and application_name like any (array['trifold consumer%', 'trifold rebuild%', 'trifold ticker', 'trifold reader'])`,
      )
      return rows
    }
    await expect.poll(left).toEqual([]) // a server ends a session a moment after its client
  })

  it('takes a lease back that an operator has had, although no event comes', async () => {
    await start()
    const target = 'plain_order@table'
    await observed.when('target.leased', toolkit.targets.size)
    await applied() // from here on there is no window
    await underNewEpoch(eventFed(toolkit.target(target)), 'retry', async () => {})
    await observed.when('lease.lost')
    const owner = async () => {
      const { rows } = await database.pool.query(
        `select owner
        from trifold.consumers
        join trifold.generations on generations.id = generation_id
        where target = $1`,
        [target],
      )
      return rows[0]?.owner
    }
    await until('it has the lease again', async () => (await owner()) !== null)
    expect(observed.of('lease.lost')).toMatchObject([{ target }])
  })

  it('gives its leases back when it stops, and stops once', async () => {
    const started = await start()
    await applied()
    const stopping = started.stop()
    expect(started.stop()).toBe(stopping)
    await stopping
    const { rows } = await database.pool.query('select distinct owner, backend_pid, failure from trifold.consumers')
    expect(rows).toEqual([{ owner: null, backend_pid: null, failure: null }])
  })

  it('stops at the signal that it was given', async () => {
    const stopping = new AbortController()
    const started = await start({ signal: stopping.signal })
    await applied()
    stopping.abort()
    await started.ended
  })

  it('runs the targets that it is told to, and leaves the others to other workers', async () => {
    await start({ targets: ['plain_order@table'] })
    await commit((client) => placeOrder(client, 1, order))
    await expectAgreement(database.url, [toolkit.target('plain_order@table')])
    expect((await toolkit.target('day_total@table').prepare()).state).toBe('unfit')
  })

  it('shares the targets with others in the same process: one consumer each', async () => {
    const { observe } = observed
    const others = [await startWorker(toolkit, { observe }), await startWorker(toolkit, { observe })]
    await start()
    const load = await Load.open(database.url, 5)
    load.run()
    await until('transactions', () => load.transactions > 50)
    await applied()
    await load.close()
    await agree()
    // They may hand targets over to each other in order; nobody takes a lease that another one works with.
    expect(observed.of('lease.lost', 'target.retrying')).toEqual([])
    for (const other of others) await other.stop()
  })
})
