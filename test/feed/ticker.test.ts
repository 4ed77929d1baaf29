import { afterEach, beforeEach, expect, test } from 'vitest'
import { runTicker } from '../../src/feed/ticker.ts'
import { Feed, wakeChannel } from '../../src/feed.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { theFeed } from './design.ts'
import { Setting } from './setting.ts'
import { createAggregates } from './writer.ts'

let database: TestDatabase
let setting: Setting
let feed: Feed
let abort: AbortController
let running: Promise<void>

beforeEach(async () => {
  database = await createDatabase()
  await createAggregates(database.pool)
  setting = new Setting(database, theFeed)
  feed = await Feed.open(database.url)
  abort = new AbortController()
})

afterEach(async () => {
  abort?.abort()
  await running
  await feed?.close()
  await setting?.close()
  await database?.close()
})

const start = (options: { record?: number } = {}) => {
  running = runTicker(feed, { signal: abort.signal, ...options })
}

const headAt = (window: number): string => `exists (select from trifold.head where window_id = ${window})`

test('finds what was committed without any hint', async () => {
  const writer = await setting.writer()
  start()
  await writer.commit('a')
  await feed.waitBeyond(0, 90_000, abort.signal)
  expect(feed.latest.id).toBe(1)
})

test('is woken by a hint, and then records a snapshot that shows a commit without events', async () => {
  const writer = await setting.writer()
  start({ record: 600_000 })
  await setting.until(headAt(0))
  await writer.run('create table something ()')
  const { rows } = await database.pool.query('select pg_current_snapshot()::text as now')
  await writer.run(`notify ${wakeChannel}`)
  await setting.until(`exists (
    select from trifold.head
    where pg_snapshot_xmax(snapshot) >= pg_snapshot_xmax('${rows[0].now}'::pg_snapshot)
  )`)
  await writer.commit('a')
  await writer.run(`notify ${wakeChannel}`)
  await feed.waitBeyond(0, 90_000, abort.signal)
  expect(feed.latest.id).toBe(1)
})

test('lets the server wait in one statement, which holds nothing back', async () => {
  const writer = await setting.writer()
  start({ record: 600_000 })
  const waits = (condition: string) => `exists (
    select from pg_stat_activity
    where datname = current_database()
      and application_name = 'trifold ticker'
      and query like 'call trifold.await_events%'
      and ${condition}
  )`
  await setting.until(waits("wait_event = 'PgSleep'"))
  const { rows } = await database.pool.query('select clock_timestamp()::text as since')
  await writer.run('create table something ()')
  const later = await database.pool.query('select pg_snapshot_xmin(pg_current_snapshot())::text as xmin')
  const xmin = `'${later.rows[0].xmin}'::xid`
  const since = `query_start < '${rows[0].since}'::timestamptz`
  await setting.until(waits(`${since} and (backend_xmin is null or age(backend_xmin) <= age(${xmin}))`))
  await writer.run('begin')
  await writer.run("set local lock_timeout = '60s'")
  await writer.run('lock table trifold.outbox, trifold.windows in access exclusive mode')
  await writer.run('commit')
  await setting.until(waits(since))
  await writer.commit('a')
  await feed.waitBeyond(0, 90_000, abort.signal)
  expect(feed.latest.id).toBe(1)
})

test('records the snapshot soon after the last window', async () => {
  const writer = await setting.writer()
  start({ record: 600_000 })
  await setting.until(headAt(0))
  await writer.commit('a')
  await setting.until(headAt(1))
})

test('follows the windows of another ticker', async () => {
  const [other, writer] = [await setting.process(), await setting.writer()]
  start()
  for (let window = 1; window <= 5; window++) {
    await writer.commit('a')
    await other.tick()
    await feed.waitBeyond(window - 1, 90_000, abort.signal)
    expect(feed.latest.id).toBe(window)
  }
})

test('throws when its connection is ended', async () => {
  start()
  await setting.until(headAt(0))
  const failed = expect(running).rejects.toThrow()
  await database.pool.query(`
    select pg_terminate_backend(pid)
    from pg_stat_activity
    where datname = current_database() and application_name = 'trifold ticker'`)
  await failed
  running = Promise.resolve()
})
