import { afterEach, beforeEach, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { shiftClock } from '../support/shifted-clock.ts'
import { until } from '../support/until.ts'

const hour = 3_600_000

describeWithSearch('a worker whose clock is set', () => {
  let database: TestDatabase
  let search: TestSearch
  let toolkit: Toolkit
  let worker: Worker
  let observed: Observed

  beforeEach(async () => {
    database = await createMarket()
    search = createSearch()
    observed = new Observed()
    const address = { database: database.url, search: search.url, indexPrefix: search.prefix }
    toolkit = await openToolkit(resolveConfig(marketConfig(address, { plain_order: plainOrder })))
    worker = await startWorker(toolkit, { observe: observed.observe })
    await observed.when('target.leased', 2)
  })
  afterEach(async () => {
    shiftClock(0)
    await worker.stop()
    await toolkit.close()
    await search.close()
    await database.close()
  })

  const commit = (write: (client: never) => Promise<unknown>) =>
    inOneTransaction(database.pool, async (client) => {
      await write(client as never)
      return toolkit.token(client as never)
    })
  const place = (id: number) =>
    commit((client) => placeOrder(client, id, { quantity: 1, productId: 1, day: '2026-01-01' }))
  /** When the first of the leases ends, by the clock of the database. */
  const leasedUntil = async (): Promise<Date> =>
    (await database.pool.query('select min(lease_until) as first from trifold.consumers')).rows[0].first
  const rowsAfter = async (from: 'table' | 'search', after: string) =>
    (await toolkit.readModel('plain_order').find({ from, after, timeout: '90s' })).rows.length

  it.each([
    ['back', -hour],
    ['forward', hour],
  ])('an hour %s shows every commit as soon as before, and keeps its leases', async (_, by) => {
    const before = await place(1)
    for (const from of ['table', 'search'] as const) expect(await rowsAfter(from, before)).toBe(1)
    shiftClock(by)
    const after = await place(2)
    for (const from of ['table', 'search'] as const) expect(await rowsAfter(from, after)).toBe(2)
    const silent = await commit(async () => {})
    for (const from of ['table', 'search'] as const) expect(await rowsAfter(from, silent)).toBe(2)
    const leased = await leasedUntil()
    await until('both leases are renewed', async () => (await leasedUntil()) > leased)
    expect(observed.of('lease.lost')).toEqual([])
    expect(observed.of('target.leased')).toHaveLength(2)
  })
})
