import { afterEach, beforeEach, expect, test } from 'vitest'
import { openClient } from '../../../src/database.ts'
import type { Scheduled, TargetContext } from '../../../src/materializer.ts'
import { createViewMaterializer } from '../../../src/materializers/view.ts'
import { buildNext } from '../../../src/rebuild/build-next.ts'
import { plain, setUpViews, type ViewSetup } from './setup.ts'

let setup: ViewSetup

beforeEach(async () => {
  setup = await setUpViews()
  await setup.pool.query(`insert into orders select n, n % 3, n * 100, null from generate_series(1, 20) as n`)
})

afterEach(() => setup.close())

type ViewTarget = NonNullable<TargetContext['model']['targets']['view']>

/** A view whose refresh waits for the advisory lock 1, so that a test decides when its definition runs. */
const gated = `with gate as materialized (select pg_advisory_xact_lock_shared(1)) ${plain} cross join gate`

async function built(sql: string, view: ViewTarget = {}) {
  const materializer = createViewMaterializer(await setup.define(sql, { targets: { view } }))
  await buildNext(materializer, { reason: 'first' })
  return materializer
}

/** The same view with so long for each statement. */
const within = (timeout: ViewTarget['timeout'], { context }: Scheduled): Scheduled =>
  createViewMaterializer({ ...context, model: { ...context.model, targets: { view: { timeout } } } })

const history = async () =>
  (
    await setup.pool.query(`select cause, mode, outcome, error, row_count from trifold.refreshes order by id`)
  ).rows.slice(1)

const waitingForLock = () =>
  expect
    .poll(
      async () =>
        (
          await setup.pool.query(
            `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          )
        ).rowCount,
      { interval: 20 },
    )
    .toBe(1)

/** Holds the gate while `during` runs beside the refresh. */
async function refreshHeld(
  view: Scheduled,
  during: (refresh: Promise<unknown>) => Promise<void>,
  signal?: AbortSignal,
) {
  const gate = await setup.pool.connect()
  await gate.query('select pg_advisory_lock(1)')
  const refresh = view.refresh(signal ? { signal } : {})
  const settled = Promise.allSettled([refresh])
  try {
    await waitingForLock()
    await during(refresh)
  } finally {
    await gate.query('select pg_advisory_unlock(1)')
    gate.release()
  }
  await settled
  return refresh
}

test('the recorded snapshot is exactly what the view shows', async () => {
  const view = await built(gated)
  const insert = async (id: number) =>
    (
      await setup.pool.query(`insert into orders values ($1, 1, 1, null) returning pg_current_xact_id()::text as xid`, [
        id,
      ])
    ).rows[0].xid
  const open = await setup.pool.connect()
  await open.query('begin')
  const { rows: held } = await open.query(
    'insert into orders values (1000, 1, 1, null) returning pg_current_xact_id()::text as xid',
  )
  const before = await insert(1001)
  let during = ''
  const refreshed = await refreshHeld(view, async () => {
    during = await insert(1002)
    await open.query('commit')
    open.release()
  })
  const { rows } = await setup.pool.query(
    `select
      pg_visible_in_snapshot($1::xid8, snapshot) as before,
      pg_visible_in_snapshot($2::xid8, snapshot) as during,
      pg_visible_in_snapshot($3::xid8, snapshot) as held,
      snapshot::text = $4 as returned,
      (select array_agg(order_id order by order_id) from order_summary where order_id >= 1000)::text as shown
    from trifold.generations
    where target = 'order_summary@view' and state = 'serving'`,
    [before, during, held[0].xid, (refreshed as { snapshot: string }).snapshot],
  )
  expect(rows).toEqual([{ before: 't', during: 'f', held: 'f', returned: 't', shown: '{1001}' }])
  await view.refresh()
  expect(await view.status()).toMatchObject({ rows: 23 })
})

test('a refresh writes its history row, concurrently', async () => {
  const view = await built(plain)
  await setup.pool.query('delete from orders where id > 10')
  expect(await view.refresh({ cause: 'schedule' })).toMatchObject({ outcome: 'refreshed', rows: 10 })
  expect(await history()).toEqual([
    { cause: 'schedule', mode: 'concurrently', outcome: 'refreshed', error: null, row_count: '10' },
  ])
  expect(await view.status()).toMatchObject({ rows: 10 })
})

test('readers are not held up while a refresh runs', async () => {
  const view = await built(gated)
  await refreshHeld(view, async () => {
    expect((await setup.pool.query('select count(*) from order_summary')).rows).toEqual([{ count: '20' }])
  })
})

test('a second refresh at the same time is skipped and says what the view reflects', async () => {
  const view = await built(gated)
  const { rows } = await setup.pool.query('select snapshot::text from trifold.generations')
  await refreshHeld(view, async () => {
    expect(await view.refresh()).toMatchObject({ outcome: 'skipped', snapshot: rows[0].snapshot, rows: 20 })
  })
  expect((await history()).map((row) => row.outcome)).toEqual(['skipped', 'refreshed'])
})

test('the snapshot never moves backwards when refreshes race', async () => {
  const view = await built(plain)
  for (let burst = 0; burst < 5; burst++) {
    await Promise.all([
      ...[1, 2, 3, 4].map(() => view.refresh()),
      setup.pool.query('insert into orders values ($1, 1, 1, null)', [2000 + burst]),
    ])
  }
  const { rows } = await setup.pool.query(
    `select outcome, pg_snapshot_xmax(snapshot)::text as xmax, started_at >= lag(finished_at) over (order by finished_at) as apart
    from trifold.refreshes
    where outcome <> 'skipped'
    order by finished_at`,
  )
  expect(new Set(rows.map((row) => row.outcome))).toEqual(new Set(['refreshed']))
  const ends = rows.map((row) => Number(row.xmax))
  expect(ends).toEqual([...ends].sort((a, b) => a - b))
  expect(rows.slice(1).every((row) => row.apart === 't')).toBe(true)
})

test('a view without rows or without its unique index is refreshed blocking, and has its index afterwards', async () => {
  const view = await built(plain)
  const relation = 'trifold.order_summary__view_g1'
  await setup.pool.query(`refresh materialized view ${relation} with no data`)
  await view.refresh()
  await setup.pool.query('drop index trifold.order_summary__view_g1_key')
  await view.refresh()
  await view.refresh()
  expect((await history()).map((row) => row.mode)).toEqual(['blocking', 'blocking', 'concurrently'])
})

test('a unique index on a column that may be null does not count', async () => {
  const view = await built(plain)
  await setup.pool.query('drop index trifold.order_summary__view_g1_key')
  await setup.pool.query('create unique index on trifold.order_summary__view_g1 (total_cents)')
  await view.refresh()
  expect(await history()).toMatchObject([{ mode: 'blocking' }])
})

test.each([
  ['repeated', 'insert into orders values (5, 9, 9, null)', 'not unique (2 rows) at order_id = 5'],
  [
    'repeated as a whole',
    `update orders set note = 'x'; insert into orders select * from orders where id = 5`,
    'not unique (2 rows) at order_id = 5',
  ],
  ['null', 'insert into orders values (null, 9, 9, null)', 'order_id of'],
])('a key that has become %s fails the refresh and readers keep the rows before', async (_, statement, message) => {
  const view = await built(plain)
  await setup.pool.query(statement)
  await expect(view.refresh()).rejects.toMatchObject({ code: 'KEY_INVALID', message: expect.stringContaining(message) })
  expect(await history()).toMatchObject([{ outcome: 'failed', error: expect.stringContaining(message) }])
  expect((await setup.pool.query('select count(*) from order_summary')).rows).toEqual([{ count: '20' }])
})

test('a refresh that takes longer than the timeout of the target fails and says so', async () => {
  await setup.pool.query('create table delay as select 0 as seconds')
  const slow = `with slow as materialized (select pg_sleep(seconds) from delay) ${plain} cross join slow`
  const view = within('200ms', await built(slow)) // building it takes as long as it takes
  await setup.pool.query('update delay set seconds = 60')
  await expect(view.refresh()).rejects.toMatchObject({
    code: 'REFRESH_FAILED',
    message: expect.stringContaining('took longer than 200 ms'),
  })
  expect((await history()).map((row) => row.outcome)).toEqual(['failed'])
})

test('a signal cancels the statement that runs', async () => {
  const view = await built(gated)
  const stop = new AbortController()
  const refresh = refreshHeld(
    view,
    async (running) => {
      stop.abort()
      await running.catch(() => {})
    },
    stop.signal,
  )
  await expect(refresh).rejects.toMatchObject({ code: 'REFRESH_FAILED', message: expect.stringContaining('cancelled') })
  expect(await history()).toMatchObject([{ outcome: 'failed', error: expect.stringContaining('cancelled') }])
})

test('closing cancels what runs', async () => {
  const view = await built(gated)
  await expect(refreshHeld(view, () => view.close())).rejects.toMatchObject({ code: 'REFRESH_FAILED' })
})

test('a refresh before the first build says what to do', async () => {
  const view = createViewMaterializer(await setup.define(plain))
  await expect(view.refresh()).rejects.toMatchObject({
    code: 'REFRESH_FAILED',
    message: expect.stringContaining('trifold rebuild order_summary@view'),
  })
})

test('a broken definition fails with the message of PostgreSQL', async () => {
  const view = await built('select id as order_id, 100 / total_cents as share from public.orders')
  await setup.pool.query('update orders set total_cents = 0 where id = 3')
  await expect(view.refresh()).rejects.toMatchObject({
    code: 'REFRESH_FAILED',
    message: expect.stringContaining('division by zero'),
  })
})

test('the connection of a refresh says what it is', async () => {
  const view = await built(gated)
  await refreshHeld(view, async () => {
    const { rows } = await setup.pool.query(
      `select application_name from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    expect(rows).toEqual([{ application_name: 'trifold refresh order_summary@view' }])
  })
})

test('a refresh that waits for a lock says who holds it, however short its timeout', async () => {
  const view = await built(plain)
  const holder = await openClient(setup.url, { name: 'migration' })
  await holder.query('begin')
  await holder.query('alter table orders add column extra text')
  await expect(within('1s', view).refresh()).rejects.toMatchObject({
    code: 'REFRESH_FAILED',
    message: expect.stringMatching(
      /waited 800 ms for a lock held by trifold migration \(pid \d+\) on orders: alter table orders add column extra text/,
    ),
  })
  await holder.query('rollback')
  await holder.end()
  expect(await view.refresh()).toMatchObject({ outcome: 'refreshed' })
})

test('a refresh refuses a definition that was edited after its release', async () => {
  await built(plain)
  const edited = createViewMaterializer(await setup.define(`${plain} where id > 1`))
  await expect(edited.refresh()).rejects.toMatchObject({ code: 'DEFINITION_DRIFT' })
  await buildNext(edited, { reason: 'written again' })
  expect(await edited.refresh()).toMatchObject({ outcome: 'refreshed', rows: 19 })
})
