import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openPool } from '../../src/database.ts'
import { Presence } from '../../src/schedule/presence.ts'
import { readSchedules, reset, tune, writeConfigured } from '../../src/schedule/rows.ts'
import type { Timing } from '../../src/timing.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let pool: pg.Pool
const target = 'order_summary@view'
/** A busy machine may take long to end a session. */
const patient = { timeout: 140_000 }

beforeAll(async () => {
  database = await createDatabase()
  pool = openPool(database.url, { name: 'test' })
})

afterAll(async () => {
  await pool.end()
  await database.close()
})

beforeEach(() => pool.query('delete from trifold.schedules'))

test('the configuration writes its schedule, and its next version another', async () => {
  await writeConfigured(pool, target, { kind: 'every', ms: 30_000 }, true)
  await writeConfigured(pool, target, { kind: 'every', ms: 60_000 }, false)
  expect(await readSchedules(pool)).toMatchObject([
    { target, timing: { kind: 'every', ms: 30_000 }, source: 'config', paused: false },
  ])
  await writeConfigured(pool, target, { kind: 'cron', pattern: '0 3 * * *', timeZone: 'UTC' }, true)
  expect(await readSchedules(pool)).toMatchObject([
    { timing: { kind: 'cron', pattern: '0 3 * * *', timeZone: 'UTC' }, isRunning: false, nextAt: undefined },
  ])
  await writeConfigured(pool, target, undefined, true)
  expect(await readSchedules(pool)).toEqual([])
})

test("an operator's schedule is not overwritten by the configuration", async () => {
  await writeConfigured(pool, target, { kind: 'every', ms: 30_000 }, true)
  expect(await tune(pool, target, { timing: { kind: 'every', ms: 300_000 } })).toMatchObject({
    timing: { kind: 'every', ms: 300_000 },
    source: 'operator',
  })
  await writeConfigured(pool, target, { kind: 'every', ms: 30_000 }, true)
  await writeConfigured(pool, target, undefined, true)
  expect(await readSchedules(pool)).toMatchObject([{ timing: { kind: 'every', ms: 300_000 }, source: 'operator' }])
})

test('pausing keeps the timing, and a new timing keeps the pause', async () => {
  await writeConfigured(pool, target, { kind: 'every', ms: 30_000 }, true)
  expect(await tune(pool, target, { paused: true })).toMatchObject({
    timing: { kind: 'every', ms: 30_000 },
    paused: true,
    nextAt: undefined,
  })
  expect(
    await tune(pool, target, { timing: { kind: 'cron', pattern: '0 3 * * *', timeZone: 'Europe/Berlin' } }),
  ).toMatchObject({
    timing: { kind: 'cron', pattern: '0 3 * * *', timeZone: 'Europe/Berlin' },
    paused: true,
  })
  expect(await tune(pool, target, { paused: false })).toMatchObject({ paused: false })
})

test('the next time is promised while a process runs the schedule, and no longer', async () => {
  await writeConfigured(pool, target, { kind: 'every', ms: 30_000 }, true)
  const presence = new Presence(database.url, [target])
  await presence.show()
  await presence.show()
  const [row] = await readSchedules(pool)
  expect(row).toMatchObject({ isRunning: true, nextAt: expect.any(Date) })
  await presence.hide()
  await expect.poll(() => readSchedules(pool), patient).toMatchObject([{ isRunning: false, nextAt: undefined }])
})

test('a presence whose session has broken is shown again', async () => {
  await writeConfigured(pool, target, { kind: 'every', ms: 30_000 }, true)
  const presence = new Presence(database.url, [target])
  await presence.show()
  await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
    where application_name like 'trifold schedule presence %' and datname = current_database()`,
  )
  await expect.poll(() => readSchedules(pool), patient).toMatchObject([{ isRunning: false }])
  await expect
    .poll(async () => {
      await presence.show()
      return readSchedules(pool)
    }, patient)
    .toMatchObject([{ isRunning: true }])
  await presence.hide()
})

test("an operator's schedule goes back to the configuration, or away with it", async () => {
  await tune(pool, target, { timing: { kind: 'every', ms: 1_000 }, paused: true })
  await reset(pool, target, { kind: 'every', ms: 30_000 })
  expect(await readSchedules(pool)).toMatchObject([
    { timing: { kind: 'every', ms: 30_000 }, source: 'config', paused: false },
  ])
  await tune(pool, target, { timing: { kind: 'every', ms: 1_000 } })
  await reset(pool, target, undefined)
  expect(await readSchedules(pool)).toEqual([])
})

test('there is nothing to pause where there is no schedule', async () => {
  await expect(tune(pool, target, { paused: true })).rejects.toMatchObject({
    code: 'SCHEDULE_INVALID',
    message: expect.stringContaining('has no schedule yet'),
  })
  expect(await readSchedules(pool)).toEqual([])
})

const lag: Timing = { kind: 'lag', ms: 60_001 }
const stored = async () => (await pool.query('select every_ms::text, lag_ms::text from trifold.schedules')).rows

test('a target lag is half of it for a worker of the version before', async () => {
  await writeConfigured(pool, target, lag, true)
  expect(await readSchedules(pool)).toMatchObject([{ timing: lag, pace: { interval: 30_001, expected: undefined } }])
  expect(await stored()).toEqual([{ every_ms: '30000', lag_ms: '60001' }])
  await tune(pool, target, { timing: { kind: 'every', ms: 5_000 } })
  expect(await stored()).toEqual([{ every_ms: '5000', lag_ms: null }])
})

test('an interval or a pattern that the version before wrote over a lag counts', async () => {
  await tune(pool, target, { timing: lag })
  await pool.query('update trifold.schedules set every_ms = 7000')
  expect(await readSchedules(pool)).toMatchObject([{ timing: { kind: 'every', ms: 7_000 }, pace: undefined }])
  await pool.query(`update trifold.schedules set every_ms = null, cron = '0 3 * * *', time_zone = 'UTC'`)
  expect(await readSchedules(pool)).toMatchObject([{ timing: { kind: 'cron', pattern: '0 3 * * *' } }])
})

test('a target lag goes by how long the last refreshes took, from when they were due', async () => {
  await tune(pool, target, { timing: lag })
  await pool.query(
    `insert into trifold.refreshes (target, cause, mode, outcome, queued_at, started_at, finished_at)
    select $1, 'schedule', 'concurrently', 'refreshed', at - interval '1 s', at, at + interval '4 s'
    from generate_series(now() - interval '1 h', now(), '5 min') as at`,
    [target],
  )
  expect(await readSchedules(pool)).toMatchObject([{ pace: { expected: 5_000, interval: 55_001 } }])
})
