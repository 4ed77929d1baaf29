import { afterEach, beforeEach, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { status as statusOf } from '../../src/operator/status.ts'
import { servingGeneration } from '../../src/schema/generations.ts'
import { qualified } from '../../src/sql.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement, whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { until } from '../support/until.ts'

describeWithSearch('a lock on one of more targets than a worker has sessions', () => {
  let database: TestDatabase
  let search: TestSearch
  let toolkit: Toolkit
  let worker: Worker
  const observed = new Observed()

  beforeEach(async () => {
    database = await createMarket()
    search = createSearch()
    const address = { database: database.url, search: search.url, indexPrefix: search.prefix }
    toolkit = await openToolkit(resolveConfig(marketConfig(address)))
    worker = await startWorker(toolkit, { observe: observed.observe })
    await observed.when('target.leased', toolkit.targetNames.length)
  })
  afterEach(async () => {
    await worker?.stop()
    await toolkit?.close()
    await search?.close()
    await database?.close()
  })

  it('holds up that target alone, which says so and catches up by itself', async () => {
    const locked = 'plain_order@table'
    const generation = await servingGeneration(toolkit.pool, locked)
    const somebody = await database.pool.connect()
    try {
      await somebody.query(`set application_name = 'trade fair'`)
      await somebody.query('begin')
      await somebody.query(`lock table ${qualified('trifold', generation?.storage as string)} in share mode`)
      await inOneTransaction(database.pool, (client) =>
        placeOrder(client, 1, { quantity: 2, productId: 1, day: '2026-01-01' }),
      )
      await whenApplied(
        database.url,
        toolkit.targetNames.filter((target) => target !== locked),
      )
      const [retrying] = await observed.when('target.retrying')
      expect(retrying).toMatchObject({ target: locked, error: { message: expect.stringContaining('lock timeout') } })
      await until('status names who holds the lock', async () => {
        const { targets } = await statusOf(toolkit)
        const cause = targets.find(({ target }) => target === locked)?.cause
        return cause?.kind === 'lock' && /is locked by trade fair \(pid \d+\)/.test(cause.sentence)
      })
    } finally {
      somebody.release(true)
    }
    await expectAgreement(database.url, toolkit.targets.values())
  })
})
