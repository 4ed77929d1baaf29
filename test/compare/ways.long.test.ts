import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whileAlone } from '../../packages/compare/src/alone.ts'
import { comparisonConfig } from '../../packages/compare/src/configuration.ts'
import { compare } from '../../packages/compare/src/run.ts'
import { temporaryReason } from '../../packages/compare/src/targets.ts'
import { rebuild } from '../../src/operator/rebuild.ts'
import { status } from '../../src/operator/status.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import { Observed } from '../support/observed.ts'
import { until } from '../support/until.ts'
import { type ComparedShop, createComparedShop } from './shop.ts'

describe('targets that stand', () => {
  let shop: ComparedShop
  let toolkit: Toolkit
  let worker: Worker
  beforeAll(async () => {
    shop = await createComparedShop({ withSearch: false })
    toolkit = await openToolkit(comparisonConfig(shop.config, 'daily_sales', { table: {}, view: {} }))
    const observed = new Observed()
    worker = await startWorker(toolkit, { targets: ['daily_sales@table'], observe: observed.observe })
    await observed.when('target.leased')
    await rebuild(toolkit, 'daily_sales@view')
  })
  afterAll(async () => {
    await worker.stop()
    await toolkit.close()
    await shop.close()
  })

  it('stay, are rebuilt once, and one that a worker keeps is left to it', async () => {
    const { targets, remarks, queries } = await shop.compare('daily_sales')
    expect(targets.map(({ target, temporary }) => [target, temporary])).toEqual([
      ['daily_sales@table', false],
      ['daily_sales@view', false],
    ])
    const [table, view] = targets as [(typeof targets)[0], (typeof targets)[0]]
    expect(table.work.workerCpu).toMatchObject({
      notMeasured: expect.stringMatching(/^another worker \(.+\) keeps it$/),
    })
    expect(view.work.workerCpu).toMatchObject({ unit: 'ms' })
    for (const { verified, rebuild, lag, neverSeen } of targets) {
      expect(verified.equal).toBe(true)
      expect(rebuild).toMatchObject({ unit: 'ms', note: 'rebuilt beside the one that served, after the load' })
      expect(lag.samples.length).toBeGreaterThan(0)
      expect(neverSeen).toBe(0)
    }
    expect(remarks).toContainEqual(expect.stringMatching(/^daily_sales@table: another worker .* its work is not\.$/))
    expect(remarks).toContainEqual(expect.stringMatching(/^daily_sales@search was left out: .*OPENSEARCH_URL/))
    expect(queries.map(({ name }) => name)).toContain('sum of orders by country')
    const standing = await status(toolkit)
    expect(standing.targets.map(({ generation }) => generation?.number)).toEqual([2, 2])
  })
})

describe('a replay', () => {
  let shop: ComparedShop
  beforeAll(async () => {
    shop = await createComparedShop({ readModels: ['order_summary'], withSearch: false })
    do
      await shop.compare('order_summary') // the events that are appended again; a slow machine makes few
    while ((await past()) < 30)
  })
  afterAll(() => shop.close())

  /** Transactions that have left events. */
  const past = async (): Promise<number> => {
    const { rows } = await shop.database.pool.query('select count(distinct xid)::integer as past from trifold.outbox')
    return rows[0].past
  }

  it('appends the events of the past again, and leaves every row as it was', async () => {
    const before = await shop.database.pool.query('select * from public.orders order by id')
    const { load, targets, remarks } = await shop.compare('order_summary', { replay: true, seconds: 2 })
    expect(load.kind).toBe('replay')
    expect(load.transactions.length).toBeGreaterThan(0)
    expect(targets.map(({ verified }) => verified.equal)).toEqual([true, true])
    expect(remarks).toContainEqual(expect.stringContaining('appended past events again'))
    expect((await shop.database.pool.query('select * from public.orders order by id')).rows).toEqual(before.rows)
  })

  it('appends the rest of a round where it is interrupted, so that no target keeps an old row', async () => {
    const abort = new AbortController()
    const pool = shop.database.pool
    const countOf = async () => Number((await pool.query('select count(*) from trifold.outbox')).rows[0].count)
    const before = await countOf()
    const round = await past()
    const rate = 20
    const running = shop.compare('order_summary', { replay: true, rate, seconds: 30, signal: abort.signal })
    await until('something is appended', async () => (await countOf()) > before)
    abort.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    const latest = await pool.query(`
      select distinct on (aggregate) aggregate, type
      from trifold.outbox
      order by aggregate, position desc`)
    const latestBefore = await pool.query(
      `select distinct on (aggregate) aggregate, type
      from (select * from trifold.outbox order by position limit $1) as past
      order by aggregate, position desc`,
      [before],
    )
    expect(latest.rows).toEqual(latestBefore.rows)
    expect(round).toBeGreaterThan(20)
  })
})

describe('a comparison that is interrupted', () => {
  let shop: ComparedShop
  beforeAll(async () => {
    shop = await createComparedShop({ withSearch: false })
  })
  afterAll(() => shop.close())

  it.each(['building', 'starting', 'writing', 'asking'])('while it is %s removes what it created', async (when) => {
    const before = await shop.traces()
    const abort = new AbortController()
    const phases: string[] = []
    const phase = (text: string) => {
      phases.push(text)
      if (text.startsWith(when)) setTimeout(() => abort.abort(new Error('interrupted')), 20)
    }
    const running = shop.compare('order_summary', { seconds: 1, signal: abort.signal, progress: { phase } })
    await expect(running).rejects.toThrow('interrupted')
    expect(phases.at(-1)).toBe('removing what was created')
    expect(await shop.traces()).toEqual(before)
  })
})

describe('what a comparison left behind that was killed', () => {
  it('is removed by the next one', async () => {
    const shop = await createComparedShop({ withSearch: false })
    const before = await shop.traces()
    const toolkit = await openToolkit(comparisonConfig(shop.config, 'order_summary', { table: {}, view: {} }))
    await rebuild(toolkit, 'order_summary@table', { reason: temporaryReason })
    await toolkit.close()
    const { targets } = await shop.compare('order_summary', { seconds: 1 })
    expect(targets.map(({ temporary }) => temporary)).toEqual([true, true])
    expect(await shop.traces()).toEqual(before)
    await shop.close()
  })
})

describe('a read model without handlers', () => {
  it('is compared as a view, with the reason why the others were left out', async () => {
    const shop = await createComparedShop({ withSearch: false, readModels: ['order_summary'] })
    const { on: _on, ...model } = shop.config.readModels.order_summary!
    const config = {
      ...shop.config,
      readModels: { order_summary: { ...model, targets: { view: { every: '1s' as const } } } },
    }
    const options = { configFile: shop.configFile, seconds: 1, yes: true }
    const { targets, remarks } = await compare(config, 'order_summary', options)
    expect(targets.map(({ target, verified }) => [target, verified.equal])).toEqual([['order_summary@view', true]])
    expect(remarks).toContainEqual(expect.stringContaining('they are fed by events, and order_summary has no handlers'))
    await shop.close()
  })
})

describe('two comparisons of a read model', () => {
  it('do not run at once', async () => {
    const shop = await createComparedShop({ withSearch: false })
    await whileAlone(shop.database.url, 'order_summary', async () => {
      await expect(shop.compare('order_summary')).rejects.toMatchObject({ code: 'COMPARE_RUNNING' })
    })
    await shop.close()
  })
})
