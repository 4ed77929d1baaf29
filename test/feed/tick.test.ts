import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openClient } from '../../src/database.ts'
import { raiseEra } from '../../src/era.ts'
import { Feed, type Page } from '../../src/feed.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { theFeed } from './design.ts'
import { Setting, settle, waitingTickers } from './setting.ts'
import { createAggregates, resetLog } from './writer.ts'

let database: TestDatabase
let setting: Setting
const feeds: Feed[] = []

beforeAll(async () => {
  database = await createDatabase()
  await createAggregates(database.pool)
  return () => database.close()
})

beforeEach(async () => {
  await database.pool.query(`select setval('trifold.era', 1)`)
  await database.pool.query('delete from trifold.history where era > 1')
  await resetLog(database.pool)
  setting = new Setting(database, theFeed)
})

afterEach(async () => {
  await Promise.all(feeds.splice(0).map((feed) => feed.close()))
  await setting.close()
})

async function openFeed(): Promise<Feed> {
  const feed = await Feed.open(database.url)
  feeds.push(feed)
  return feed
}

async function storedWindows(): Promise<{ id: number; event_count: number }[]> {
  const { rows } = await database.pool.query(
    'select id::int, event_count::int from trifold.windows where id > 0 order by id',
  )
  return rows
}

async function head(): Promise<{ window_id: number; snapshot: string } | undefined> {
  const { rows } = await database.pool.query('select window_id::int, snapshot::text from trifold.head')
  return rows[0]
}

test('stores no window when nothing is new', async () => {
  const feed = await openFeed()
  expect(await feed.tick()).toMatchObject({ window: { id: 0 }, stored: false, rows: undefined })
  expect(await storedWindows()).toEqual([])
})

test('gives the loser of a race the window that the winner stored, and no rows', async () => {
  const [first, second, writer] = [await openFeed(), await openFeed(), await setting.writer()]
  const lock = await setting.locked('lock table trifold.windows in exclusive mode')
  await writer.commit('a')
  const ticks = [first.tick(), second.tick()]
  await setting.until(waitingTickers(2))
  await lock.release()
  const results = await Promise.all(ticks)
  const winner = results.find(({ stored }) => stored)
  const loser = results.find(({ stored }) => !stored)
  expect(winner?.rows).toHaveLength(1)
  expect(loser).toEqual({ window: winner?.window, stored: false, rows: undefined })
  expect(await storedWindows()).toEqual([{ id: 1, event_count: 1 }])
})

test('catches up at once with the windows that others have stored', async () => {
  const [idle, busy, writer] = [await openFeed(), await openFeed(), await setting.writer()]
  for (let window = 0; window < 5; window++) {
    await writer.commit('a')
    await busy.tick()
  }
  expect(await idle.tick()).toMatchObject({ window: { id: 5 }, stored: false })
  expect(idle.latest.id).toBe(5)
  await busy.tick({ evenIfEmpty: true })
  await idle.tick()
  expect(idle.latest.id).toBe(6)
})

test('names a window that was stored after the call, where an empty one will do', async () => {
  const [idle, busy, writer] = [await openFeed(), await openFeed(), await setting.writer()]
  await writer.commit('a')
  await busy.tick()
  expect(await idle.tick({ evenIfEmpty: true })).toMatchObject({ window: { id: 2, eventCount: 0 }, stored: true })
})

test('wakes who waits for a newer window, and lets go at the timeout and when aborted', async () => {
  const [feed, writer] = [await openFeed(), await setting.writer()]
  const abort = new AbortController()
  const waits = [feed.waitBeyond(0, 60_000, abort.signal), feed.waitBeyond(1, 60_000, abort.signal)]
  await writer.commit('a')
  await feed.tick()
  await waits[0]
  abort.abort()
  await waits[1]
  await feed.waitBeyond(1, 1, new AbortController().signal)
  expect(feed.latest.id).toBe(1)
})

/** The statement waits for the lock; ending the connection leaves its outcome unknown to the ticker. */
async function tickAndBreak(feed: Feed, storedAnyway: boolean): Promise<void> {
  const lock = await setting.locked('lock table trifold.windows in exclusive mode')
  const tick = feed.tick()
  const failed = expect(tick).rejects.toThrow()
  await setting.until(waitingTickers(1))
  const { rows } = await database.pool.query(`
    select pid
    from pg_stat_activity
    where datname = current_database() and application_name = 'trifold ticker'`)
  if (storedAnyway)
    await lock.client.query(
      `insert into trifold.windows (id, era, snapshot, first_ordinal, event_count)
    values (1, 1, pg_current_snapshot(), 1, 2)`,
    )
  await database.pool.query('select pg_terminate_backend($1)', [rows[0].pid])
  await failed
  await lock.release()
}

for (const storedAnyway of [false, true]) {
  test(`hands nothing on when the connection breaks and the window was ${storedAnyway ? '' : 'not '}stored`, async () => {
    const [feed, writer, reader] = [await openFeed(), await setting.writer(), setting.reader()]
    await writer.commit('a', 'b')
    await tickAndBreak(feed, storedAnyway)
    expect(await feed.read(theFeed.start, 10)).toBeUndefined()
    expect(await storedWindows()).toHaveLength(storedAnyway ? 1 : 0)
    expect(await settle(database, theFeed, [reader])).toEqual([])
  })
}

test('records the snapshot of an empty tick, and never an older one than is recorded', async () => {
  const [feed, slow, writer] = [await openFeed(), await openFeed(), await setting.writer()]
  await feed.tick()
  expect(await head()).toBeUndefined()
  await feed.tick({ recordHead: true })
  const first = await head()
  expect(first?.window_id).toBe(0)
  const lock = await setting.locked('select from trifold.head for update')
  const late = slow.tick({ recordHead: true })
  await setting.until(waitingTickers(1))
  await writer.run('create table something ()')
  await lock.client.query('update trifold.head set snapshot = pg_current_snapshot()')
  const newer = await head().then(() => lock.client.query('select snapshot::text from trifold.head'))
  await lock.release()
  await late
  expect((await head())?.snapshot).toBe(newer.rows[0].snapshot)
  await feed.tick({ recordHead: true })
  expect((await head())?.snapshot).not.toBe(newer.rows[0].snapshot)
})

test.each(['windows', 'head'])(
  'notes in %s a time at which nothing had committed that its snapshot lacks',
  async (table) => {
    const [feed, writer] = [await openFeed(), await setting.writer()]
    if (table === 'windows') await writer.commit('a')
    else await feed.tick({ recordHead: true })
    const lock = await setting.locked(
      table === 'windows' ? 'lock table trifold.windows in exclusive mode' : 'select from trifold.head for update',
    )
    const tick = feed.tick({ recordHead: true })
    await setting.until(waitingTickers(1)) // the snapshot is taken, and not stored
    await writer.commit('b')
    const { rows } = await database.pool.query('select clock_timestamp()::text as now')
    await lock.release()
    await tick
    const noted = await database.pool.query(
      `select bool_and(taken_at < $1::timestamptz) as before from trifold.${table} where ${table === 'head' || 'id > 0'}`,
      [rows[0].now],
    )
    expect(noted.rows).toEqual([{ before: true }])
  },
)

const namesOf = (page: Page | undefined): string[] =>
  page?.events.map(({ payload }) => JSON.parse(payload).aggregate) ?? []

test('never makes a window of rows of an earlier era, whatever ids they came with', async () => {
  const [feed, writer] = [await openFeed(), await setting.writer()]
  await writer.commit('before')
  const client = await openClient(database.url, { name: 'era' })
  const era = await raiseEra(client, 1)
  await client.end()
  for (const ahead of [1, 2, 3, 1_000_000]) {
    await database.pool.query(
      `insert into trifold.outbox (era, xid, type, aggregate, payload)
      select 1, (pg_current_xact_id()::text::bigint + $1)::text::xid8, 'Counted', 'restored', '{"aggregate": "restored"}'`,
      [ahead],
    )
  }
  await writer.commit('after')
  await writer.commit('after')
  await feed.tick()
  const closing = await feed.read(theFeed.start, 10)
  expect(namesOf(closing)).toEqual(['before'])
  const next = await feed.read(closing!.end, 10)
  expect(namesOf(next)).toEqual(['after', 'after'])
  expect(next?.end).toEqual({ era, window: 3, position: undefined, ordinal: 3 })
})

test('delivers what was appended after an era that was announced and not begun', async () => {
  const [feed, writer] = [await openFeed(), await setting.writer()]
  await database.pool.query(`select nextval('trifold.era')`)
  await writer.commit('announced')
  await feed.tick()
  expect(namesOf(await feed.read(theFeed.start, 10))).toEqual(['announced'])
  await writer.commit('before')
  const client = await openClient(database.url, { name: 'era' })
  expect(await raiseEra(client, 5)).toBe(6)
  await client.end()
  await writer.commit('after')
  await feed.tick()
  const first = await feed.read(theFeed.start, 10)
  const closing = await feed.read(first!.end, 10)
  expect([...namesOf(first), ...namesOf(closing)]).toEqual(['announced', 'before'])
  expect(namesOf(await feed.read(closing!.end, 10))).toEqual(['after'])
})
