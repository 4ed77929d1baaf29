import { afterEach, beforeEach, expect, test } from 'vitest'
import { openClient } from '../../../src/database.ts'
import type { Scheduled } from '../../../src/materializer.ts'
import { createViewMaterializer } from '../../../src/materializers/view.ts'
import { buildNext } from '../../../src/rebuild/build-next.ts'
import { storedRuns } from '../../../src/schema/refreshes/history.ts'
import { until } from '../../support/until.ts'
import { plain, setUpViews, type ViewSetup } from './setup.ts'

let setup: ViewSetup
let view: Scheduled

beforeEach(async () => {
  setup = await setUpViews()
  await setup.pool.query(`insert into orders select n, n % 3, n * 100, null from generate_series(1, 1000) as n`)
  view = createViewMaterializer(await setup.define(plain))
  await buildNext(view, { reason: 'first' })
})

afterEach(() => setup.close())

const period = { since: '2000-01-01', until: '2100-01-01' }
const newest = async () => (await storedRuns(setup.pool, 'order_summary@view', period, 1))[0]!
const countsCosts = async () =>
  Number((await setup.pool.query('show server_version_num')).rows[0].server_version_num) >= 180_000

test('a refresh knows the rows that it inserted and deleted, and what it cost', async () => {
  await setup.pool.query('update orders set total_cents = 0 where id <= 10')
  await setup.pool.query('delete from orders where id > 995')
  await setup.pool.query(`insert into orders values (2000, 1, 1, null)`)
  await view.refresh({ waited: 60_000 })
  const run = await newest()
  expect(run).toMatchObject({
    cause: 'manual',
    mode: 'concurrently',
    outcome: 'refreshed',
    row_count: '996',
    rows_inserted: '11',
    rows_deleted: '15',
    rows_changed: null,
    lock_wait_ms: '0',
    blockers: null,
    attempt: '1',
  })
  expect(run.worker).toMatch(`:${process.pid}`)
  expect(Date.parse(run.started_at!) - Date.parse(run.queued_at!)).toBeGreaterThanOrEqual(60_000)
  expect(Number(run.lag_before_ms)).toBeGreaterThan(Number(run.lag_after_ms))
  if (await countsCosts()) {
    expect(Number(run.wal_bytes)).toBeGreaterThan(11 * 30)
    expect(Number(run.buffers_hit) + Number(run.buffers_read)).toBeGreaterThan(10)
  } else expect([run.wal_bytes, run.buffers_hit]).toEqual([null, null])
})

test('the rows of one refresh are not counted with the next, and the WAL grows with them', async () => {
  await view.refresh()
  const idle = await newest()
  await setup.pool.query('update orders set total_cents = total_cents + 1')
  await view.refresh()
  const busy = await newest()
  expect(idle).toMatchObject({ rows_inserted: '0', rows_deleted: '0' })
  expect(busy).toMatchObject({ rows_inserted: '1000', rows_deleted: '1000' })
  if (await countsCosts()) expect(Number(busy.wal_bytes)).toBeGreaterThan(Number(idle.wal_bytes) + 100_000)
})

test('the first build is a rebuild with its rows', async () => {
  expect(await newest()).toMatchObject({ cause: 'rebuild', rows_inserted: '1000', row_count: '1000', generation: '1' })
})

test('a refresh that waits for a lock names the session that held it, and how long', async () => {
  const holder = await setup.pool.connect()
  await holder.query(`set application_name = 'nightly vacuum'`)
  await holder.query('begin; lock table orders in access exclusive mode; select 42')
  const refresh = view.refresh()
  const observer = await openClient(setup.url, { name: 'observer' })
  await until('the watch has seen the wait', async () => {
    const { rows } = await observer.query(
      `select
      from pg_stat_activity as watch
      where watch.datname = current_database()
        and watch.query like '%pg_blocking_pids(waiting.pid)%'
        and watch.pid <> pg_backend_pid()
        and watch.state = 'idle'
        and watch.query_start > (select min(waitstart) from pg_locks where not granted and database is not null)`,
    )
    return rows.length > 0
  })
  await observer.end()
  await holder.query('commit')
  holder.release(true)
  await refresh
  const run = await newest()
  expect(Number(run.lock_wait_ms)).toBeGreaterThan(0)
  expect(JSON.parse(run.blockers!)).toEqual([
    { pid: expect.any(Number), application: 'nightly vacuum', query: expect.stringContaining('select 42') },
  ])
})

test('a refresh that fails has its codes', async () => {
  const broken = createViewMaterializer(await setup.define(`${plain} where 1 / (id - id) = 1`, { name: 'broken' }))
  await expect(buildNext(broken, { reason: 'first' })).rejects.toMatchObject({ code: 'REFRESH_FAILED' })
  const [run] = await storedRuns(setup.pool, 'broken@view', period, 1)
  expect(run).toMatchObject({ outcome: 'failed', code: 'REFRESH_FAILED', sqlstate: '22012' })
})
