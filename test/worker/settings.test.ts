import { afterEach, beforeEach, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { planRebuild } from '../../src/operator/plan-rebuild.ts'
import { status } from '../../src/operator/status.ts'
import type { ReadModel } from '../../src/read-model.ts'
import { rebuildTarget } from '../../src/rebuild.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { dayTotal, marketConfig, type marketModels, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'

describeWithSearch('Settings that only a rebuild changes', () => {
  let database: TestDatabase
  let search: TestSearch
  const opened: { toolkit: Toolkit; worker: Worker | undefined }[] = []

  beforeEach(async () => {
    database = await createMarket()
    search = createSearch()
    await inOneTransaction(database.pool, (client) =>
      placeOrder(client, 1, { quantity: 2, productId: 1, day: '2026-01-01' }),
    )
    await database.pool.query(`update orders set note = 'two boxes'`)
  })
  afterEach(async () => {
    for (const { worker, toolkit } of opened.splice(0)) {
      await worker?.stop()
      await toolkit.close()
    }
    await database.close()
    await search.close()
  })

  /** As a process opens it whose configuration has the read model like this, and others beside it. */
  const open = async (
    model: Partial<ReadModel>,
    others: Partial<typeof marketModels> = {},
  ): Promise<{ toolkit: Toolkit; start: () => Promise<Observed> }> => {
    const address = { database: database.url, search: search.url, indexPrefix: search.prefix }
    const models = { ...others, plain_order: { ...plainOrder, ...model } as typeof plainOrder }
    const own = { toolkit: await openToolkit(resolveConfig(marketConfig(address, models))), worker: undefined }
    opened.push(own)
    const observed = new Observed()
    const start = async () => {
      Object.assign(own, { worker: await startWorker(own.toolkit, { observe: observed.observe }) })
      return observed
    }
    return { toolkit: own.toolkit, start }
  }
  const reasonOf = async (toolkit: Toolkit, name: string) =>
    (await status(toolkit)).targets.find(({ target }) => target === name)
  const targets = ['plain_order@table', 'plain_order@search']

  const withText = { targets: { table: {}, search: { text: ['note'], language: 'english' as const, replicas: 0 } } }

  it('are built again by the worker that starts with others, and status and a rebuild of what is outdated name them', async () => {
    const before = await open({})
    await before.start()
    await whenApplied(database.url, targets)
    expect((await planRebuild(before.toolkit, 'outdated')).map(({ reason }) => reason)).toEqual([undefined, undefined])

    const { toolkit, start } = await open({ ...withText, indexes: [['day']] })
    expect(await reasonOf(toolkit, 'plain_order@search')).toMatchObject({
      verdict: 'yellow',
      reason: expect.stringContaining('`text` [] → ["note (english)"]'),
    })
    expect((await planRebuild(toolkit, 'outdated')).map(({ reason }) => reason)).toEqual([
      'other settings (`indexes` [["product_id","changed_at desc"]] → [["day"]])',
      'other settings (`text` [] → ["note (english)"])',
    ])
    await opened[0]?.worker?.stop()
    const observed = await start()
    await observed.when('rebuild.finished', 2)
    await whenApplied(database.url, targets)
    const { rows } = await toolkit.target('plain_order@search').find({ text: 'box' })
    expect(rows.map(({ order_id }) => order_id)).toEqual([1])
    expect((await planRebuild(toolkit, 'outdated')).map(({ reason }) => reason)).toEqual([undefined, undefined])
    const { rows: indexes } = await database.pool.query(
      `select indexdef from pg_indexes where schemaname = 'trifold' and indexdef like '%(day%' and tablename like 'plain_order%'`,
    )
    expect(indexes).toHaveLength(1)
  })

  it('are left alone by a worker that waits for one with others', async () => {
    const before = await open({})
    const working = await before.start()
    await whenApplied(database.url, targets)
    const after = await open(withText, { day_total: dayTotal })
    // It keeps as many targets as the other, so none is handed over to it.
    for (const target of ['day_total@table', 'day_total@search'])
      await rebuildTarget(after.toolkit.target(target), 'the test')
    const waiting = await after.start()
    await waiting.when('target.waiting', 2)
    await inOneTransaction(database.pool, (client) =>
      placeOrder(client, 2, { quantity: 2, productId: 1, day: '2026-01-01' }),
    )
    await whenApplied(database.url, targets)
    expect(waiting.of('rebuild.started')).toEqual([])
    expect(working.of('rebuild.started')).toHaveLength(2)
    await opened[0]?.worker?.stop()
    await waiting.when('rebuild.finished', 1)
    expect(waiting.of('rebuild.finished').map(({ target }) => target)).toEqual(['plain_order@search'])
  })
})
