import { afterAll, beforeAll, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement, whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig, plainOrder } from '../support/market.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { until } from '../support/until.ts'

const target = 'plain_order@search'

describeWithSearch('an index with more tombstones than rows', () => {
  let database: TestDatabase
  let search: TestSearch
  let toolkit: Toolkit
  beforeAll(async () => {
    database = await createMarket()
    search = createSearch()
    const address = { database: database.url, search: search.url, indexPrefix: search.prefix }
    toolkit = await openToolkit(
      resolveConfig(marketConfig(address, { plain_order: { ...plainOrder, targets: { search: {} } } })),
    )
    await inOneTransaction(database.pool, (client) =>
      placeOrder(client, 1, { quantity: 2, productId: 1, day: '2026-01-01' }),
    )
  })
  afterAll(async () => {
    await toolkit?.close()
    await search?.close()
    await database?.close()
  })

  /** Removals of orders that came and went: each leaves a tombstone. */
  const remove = (count: number) =>
    database.pool.query(
      `insert into trifold.outbox (era, type, aggregate, payload)
      select 1, 'OrderDeleted', 'order:' || id,
        format('{"orderId": %s, "quantity": 2, "productId": 1, "day": "2026-01-01"}', id)::json
      from generate_series(2, $1::integer + 1) as id`,
      [count],
    )

  const stored = async () => {
    const status = await toolkit.targets.get(target)?.status()
    return { rows: status?.rows, tombstones: status?.tombstones }
  }

  const applied = async () => {
    await whenApplied(database.url, [target])
    await toolkit.targets.get(target)?.makeSearchable?.()
  }

  it('is built again beside the one that serves', { timeout: 120_000 }, async () => {
    const first = await startWorker(toolkit)
    await applied()
    await remove(10_000)
    await applied()
    expect(await stored()).toEqual({ rows: 1, tombstones: 10_000 })
    await remove(10_001)
    await applied()
    await first.stop()
    const second = await startWorker(toolkit) // looks when it takes the lease
    try {
      await until('an index without tombstones', async () => (await stored()).tombstones === 0)
      expect(await stored()).toEqual({ rows: 1, tombstones: 0 })
      await remove(10)
      await applied()
      await expectAgreement(database.url, toolkit.targets.values())
    } finally {
      await second.stop()
    }
  })
})
