import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import type { Observation, Observe } from '../../src/observe.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker, type WorkerOptions } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement, whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { changeQuantity, inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig } from '../support/market.ts'
import { Observed } from '../support/observed.ts'

const order = { quantity: 2, productId: 1, day: '2026-01-01' }
const target = 'plain_order@table'

describe('what a worker says', () => {
  let database: TestDatabase
  let toolkit: Toolkit
  let workers: Worker[] = []

  beforeEach(async () => {
    database = await createMarket()
    toolkit = await openToolkit(resolveConfig(marketConfig({ database: database.url })))
  })
  afterEach(async () => {
    for (const worker of workers) await worker.stop()
    workers = []
    await toolkit.close()
    await database.close()
  })

  const start = async (observe: WorkerOptions['observe']): Promise<Worker> => {
    const worker = await startWorker(toolkit, { observe, targets: [target] })
    workers.push(worker)
    return worker
  }
  const commitThreeEvents = () =>
    inOneTransaction(database.pool, async (client) => {
      await placeOrder(client, 1, order)
      await placeOrder(client, 2, order)
      await changeQuantity(client, 1, 5)
    })

  it('is what it does, in order', async () => {
    const observed = new Observed()
    const worker = await start(observed.observe)
    await observed.when('target.leased')
    await commitThreeEvents()
    await observed.when('page.applied')
    await worker.stop('a test')
    const all = observed.of(...kinds)
    expect(all.map(({ kind }) => kind)).toEqual(kinds)
    const ms = expect.any(Number)
    const subject = { target, generation: 1 }
    expect(all).toEqual([
      { kind: 'worker.started', targets: [target], pid: process.pid },
      { kind: 'rebuild.started', ...subject, reason: 'no generation' },
      { kind: 'rebuild.finished', ...subject, ms },
      { kind: 'target.leased', ...subject, epoch: 2, era: 1, window: expect.any(Number), ordinal: 0 },
      { kind: 'page.applied', target, events: 3, keys: 2, window: expect.any(Number), ordinal: 3, ms },
      { kind: 'worker.stopping', reason: 'a test' },
      { kind: 'worker.stopped', ms },
    ])
    expect(JSON.parse(JSON.stringify(all))).toEqual(all)
  })

  it('is, of a second worker, that it waits, once', async () => {
    const [first, second] = [new Observed(), new Observed()]
    const keeping = await start(first.observe)
    await first.when('target.leased')
    await start(second.observe)
    await second.when('target.waiting')
    await keeping.stop()
    await second.when('target.leased')
    expect(second.of('target.waiting')).toEqual([{ kind: 'target.waiting', target }])
  })

  it('is that the feed broke and is open again, when its connection was cut', async () => {
    const observed = new Observed()
    await start(observed.observe)
    await observed.when('target.leased')
    await database.pool.query(
      `select pg_terminate_backend(pid, 5000)
      from pg_stat_activity
      where datname = current_database() and application_name = 'trifold ticker'`,
    )
    expect(await observed.when('feed.broken')).toMatchObject([{ attempt: 1, error: { code: 'DATABASE_UNREACHABLE' } }])
    await observed.when('feed.opened', 2)
  })

  it('cannot break it: observers that throw and reject at everything', async () => {
    const seen: Observation[] = []
    const throwing: Observe = (observation) => {
      seen.push(observation)
      throw new Error('a broken observer, on purpose')
    }
    const rejecting: Observe = async () => {
      throw new Error('another, on purpose')
    }
    await start([throwing, rejecting])
    await whenApplied(database.url, [target])
    await commitThreeEvents()
    await expectAgreement(database.url, [toolkit.target(target)])
    expect(seen.some(({ kind }) => kind === 'page.applied')).toBe(true)
  })
})

const kinds = [
  'worker.started',
  'rebuild.started',
  'rebuild.finished',
  'target.leased',
  'page.applied',
  'worker.stopping',
  'worker.stopped',
] as const
