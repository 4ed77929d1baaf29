import { afterEach, beforeEach, expect, test } from 'vitest'
import { createViewMaterializer } from '../../../src/materializers/view.ts'
import { buildNext } from '../../../src/rebuild/build-next.ts'
import { plain, setUpViews, type ViewSetup } from './setup.ts'

let setup: ViewSetup

beforeEach(async () => {
  setup = await setUpViews()
  await setup.pool.query(`insert into orders select n, n % 3, n * 100, 'note ' || n from generate_series(1, 100) as n`)
})

afterEach(() => setup.close())

const relations = async () =>
  (await setup.pool.query(`select matviewname from pg_matviews where schemaname = 'trifold'`)).rows.map(
    (row) => row.matviewname,
  )

test('a rebuild makes the view with the key first, its indexes, both names, and records what it reflects', async () => {
  const sql = 'select customer_id, total_cents, note, id as order_id from public.orders'
  const context = await setup.define(sql, { indexes: [['customer_id', 'total_cents desc']] })
  const view = createViewMaterializer(context)
  expect(await view.prepare()).toEqual({ state: 'unfit', reason: 'no generation' })
  const progress: [number, number | undefined][] = []
  const generation = await buildNext(view, { reason: 'first', onProgress: (...step) => progress.push(step) })

  expect(generation).toMatchObject({ number: 1, state: 'serving', storage: 'order_summary__view_g1' })
  expect(progress).toEqual([
    [0, undefined],
    [100, 100],
  ])
  const { rows: columns } = await setup.pool.query(
    `select attname from pg_attribute where attrelid = 'trifold.order_summary__view_g1'::regclass and attnum > 0 order by attnum`,
  )
  expect(columns.map((column) => column.attname)).toEqual(['order_id', 'customer_id', 'total_cents', 'note'])
  const { rows: indexes } = await setup.pool.query(
    `select indexdef from pg_indexes where tablename = 'order_summary__view_g1' order by indexname`,
  )
  expect(indexes.map((index) => index.indexdef.replace(/.* USING /, ''))).toEqual([
    'btree (customer_id, total_cents DESC NULLS LAST, order_id DESC)',
    'btree (order_id)',
  ])
  for (const name of ['order_summary__view', 'order_summary']) {
    expect((await setup.pool.query(`select count(*) from ${name}`)).rows).toEqual([{ count: '100' }])
  }
  const { rows: history } = await setup.pool.query(
    `select refreshes.cause, mode, outcome, refreshes.row_count, refreshes.snapshot::text = generations.snapshot::text as same,
      generations.build_snapshot::text = generations.snapshot::text as built, size_bytes > 0 as sized
    from trifold.refreshes join trifold.generations on generations.id = generation_id`,
  )
  expect(history).toEqual([
    { cause: 'rebuild', mode: 'blocking', outcome: 'refreshed', row_count: '100', same: 't', built: 't', sized: 't' },
  ])
  expect(await view.status()).toMatchObject({ storage: 'trifold.order_summary__view_g1', rows: 100 })
  expect(await view.prepare()).toMatchObject({ state: 'ready', generation: { number: 1 } })
  expect(await view.find({ where: { customer_id: 1 }, sort: '-total_cents', limit: 1 })).toMatchObject({
    rows: [{ order_id: 100, customer_id: 1, total_cents: 10_000, note: 'note 100' }],
  })
  expect((await view.summarize({ sum: 'total_cents' })).groups).toMatchObject([{ count: 100 }])
})

test.each([
  ['repeated', 'insert into orders values (7, 1, 1, null)', /not unique \(2 rows\) at order_id = 7/],
  ['null', 'insert into orders values (null, 1, 1, null)', /order_id of .* is null|null at order_id = null/],
])('a %s key is refused by a rebuild and nothing is left of it', async (_, statement, message) => {
  const view = createViewMaterializer(await setup.define(plain))
  await buildNext(view, { reason: 'first' })
  await setup.pool.query(statement)
  await expect(buildNext(view, { reason: 'again' })).rejects.toMatchObject({
    code: 'KEY_INVALID',
    message: expect.stringMatching(message),
  })
  expect(await relations()).toEqual(['order_summary__view_g1'])
  expect((await setup.pool.query('select count(*) from order_summary')).rows).toEqual([{ count: '100' }])
  const { rows } = await setup.pool.query('select outcome, error from trifold.refreshes order by id')
  expect(rows).toMatchObject([{ outcome: 'refreshed' }, { outcome: 'failed', error: expect.stringMatching(message) }])
})

test('a null in a column that is promised to have none is refused by a rebuild and by a refresh', async () => {
  const view = createViewMaterializer(await setup.define(plain, { notNull: ['customer_id'] }))
  await buildNext(view, { reason: 'first' })
  await setup.pool.query('insert into orders values (7000, null, 1, null)')
  const refusal = { code: 'KEY_INVALID', message: expect.stringMatching(/customer_id of .* is null/) }
  await expect(buildNext(view, { reason: 'again' })).rejects.toMatchObject(refusal)
  await expect(view.refresh()).rejects.toMatchObject({ message: expect.stringMatching(/customer_id of .* is null/) })
})

test('an edited definition of the same version is refused with the way out', async () => {
  await buildNext(createViewMaterializer(await setup.define(plain)), { reason: 'first' })
  const edited = createViewMaterializer(await setup.define(`${plain} where total_cents > 500`))
  await expect(edited.prepare()).rejects.toMatchObject({
    code: 'DEFINITION_DRIFT',
    message: expect.stringMatching(/was edited after release; .*order_summary_v02\.sql/),
  })
})

test('other columns from the same definition are refused with the difference shown', async () => {
  const sql = 'select * from (select id as order_id, orders.* from public.orders) as source'
  await buildNext(createViewMaterializer(await setup.define(sql)), { reason: 'first' })
  await setup.pool.query('alter table orders add status text')
  await expect(createViewMaterializer(await setup.define(sql)).prepare()).rejects.toMatchObject({
    code: 'DEFINITION_DRIFT',
    message: expect.stringContaining('(+ status text); run `trifold rebuild order_summary@view`'),
  })
})

test('a definition that is older than what serves is refused', async () => {
  const first = await setup.define(plain)
  await buildNext(createViewMaterializer(await setup.define(plain, { version: 2 })), { reason: 'second' })
  await expect(createViewMaterializer(first).prepare()).rejects.toMatchObject({
    code: 'DEFINITION_DRIFT',
    message: expect.stringContaining('order_summary_v03.sql'),
  })
})

test('version 2 is swapped in while readers always see rows, and the generation before is dropped', async () => {
  const before = createViewMaterializer(await setup.define(plain))
  await buildNext(before, { reason: 'first' })
  const columns = 'select total_cents / 100 as total, id as order_id, customer_id from public.orders'
  const view = createViewMaterializer(await setup.define(columns, { version: 2 }))
  expect(await view.prepare()).toEqual({ state: 'unfit', reason: 'definition v02' })
  const reading = readersUntil(buildNext(view, { reason: 'definition v02' }), 'order_summary__view', 'order_summary')
  expect(Math.min(...(await reading))).toBe(100)
  expect(await relations()).toEqual(['order_summary__view_g2'])
  const { rows } = await setup.pool.query('select total from order_summary where order_id = 100')
  expect(rows).toEqual([{ total: '100' }])
  const { rows: generations } = await setup.pool.query('select number, state from trifold.generations order by number')
  expect(generations).toEqual([
    { number: '1', state: 'dropped' },
    { number: '2', state: 'serving' },
  ])
})

test('what an interrupted rebuild left behind is dropped by the next', async () => {
  const context = await setup.define(plain)
  const view = createViewMaterializer(context)
  await buildNext(view, { reason: 'first' })
  await setup.pool.query(
    `insert into trifold.generations (target, number, storage, state, reason, definition_version, definition_hash, columns)
    values ('order_summary@view', 2, 'order_summary__view_g2', 'built', 'crashed', 1, '', '[]')`,
  )
  await setup.pool.query('create materialized view trifold.order_summary__view_g2 as select 1 as order_id')
  expect(await buildNext(view, { reason: 'again' })).toMatchObject({ number: 3 })
  expect(await relations()).toEqual(['order_summary__view_g3'])
})

test('a view whose relation somebody dropped is to be rebuilt again', async () => {
  const view = createViewMaterializer(await setup.define(plain))
  await buildNext(view, { reason: 'first' })
  await setup.pool.query('drop materialized view trifold.order_summary__view_g1 cascade')
  expect(await view.prepare()).toMatchObject({ state: 'unfit', reason: expect.stringContaining('missing') })
  await buildNext(view, { reason: 'missing' })
  expect(await view.prepare()).toMatchObject({ state: 'ready' })
})

test('a dropped name is put right by prepare', async () => {
  const view = createViewMaterializer(await setup.define(plain))
  await buildNext(view, { reason: 'first' })
  await setup.pool.query('drop view order_summary, order_summary__view')
  await view.prepare()
  expect((await setup.pool.query('select count(*) from order_summary')).rows).toEqual([{ count: '100' }])
})

test('the serving name belongs to the table where one is configured, unless `serve` says view', async () => {
  const targets = { view: {}, table: {} }
  await buildNext(createViewMaterializer(await setup.define(plain, { targets })), { reason: 'first' })
  expect((await setup.pool.query(`select to_regclass('order_summary') as name`)).rows).toEqual([{ name: null }])
  expect((await setup.pool.query('select read_model, target from trifold.serving')).rows).toEqual([
    { read_model: 'order_summary', target: 'order_summary@table' },
  ])
  await createViewMaterializer(await setup.define(plain, { targets, serve: 'view' })).prepare()
  expect((await setup.pool.query('select count(*) from order_summary')).rows).toEqual([{ count: '100' }])
})

test('a name that is taken is refused before the definition is run', async () => {
  await setup.pool.query('create table order_summary (mine integer)')
  const view = createViewMaterializer(await setup.define(plain))
  await expect(buildNext(view, { reason: 'first' })).rejects.toMatchObject({ code: 'FACADE_TAKEN' })
  expect(await relations()).toEqual([])
})

test('a rebuild is refused while another one runs, and cancelled by its signal', async () => {
  const view = createViewMaterializer(await setup.define(`${plain} where pg_sleep(60) is not null`))
  const stop = new AbortController()
  const slow = buildNext(view, { reason: 'slow', signal: stop.signal })
  const failed = expect(slow).rejects.toMatchObject({
    code: 'REFRESH_FAILED',
    message: expect.stringContaining('cancelled'),
  })
  await untilBuilding()
  await expect(buildNext(view, { reason: 'second' })).rejects.toMatchObject({ code: 'REFRESH_RUNNING' })
  stop.abort()
  await failed
  expect(await relations()).toEqual([])
})

async function untilBuilding(): Promise<void> {
  const running = `select from pg_stat_activity where datname = current_database() and query like 'create materialized%' and state = 'active'`
  await expect.poll(async () => (await setup.pool.query(running)).rowCount, { interval: 20 }).toBe(1)
}

/** Counts the rows of the names again and again until the work is done; the counts, in no order. */
async function readersUntil(work: Promise<unknown>, ...names: string[]): Promise<number[]> {
  let done = false
  const counts: number[] = []
  const finished = work.finally(() => {
    done = true
  })
  await Promise.all([
    finished,
    ...names.map(async (name) => {
      while (!done) counts.push(Number((await setup.pool.query(`select count(*) as n from ${name}`)).rows[0].n))
    }),
  ])
  return counts
}
