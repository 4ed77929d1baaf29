import type pg from 'pg'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { openPool } from '../../src/database.ts'
import { isVisible } from '../../src/feed.ts'
import { type Freshness, readFreshness, reflectedSnapshots, waitForToken } from '../../src/freshness.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { freshTargetOf, type Kind, Records } from './records.ts'

let database: TestDatabase | undefined
let pool: pg.Pool
let records: Records

beforeEach(async () => {
  await tearDown()
  database = await createDatabase()
  pool = openPool(database.url, { name: 'test' })
  await pool.query('create table public.notes (text text)')
  records = new Records(pool)
})

afterAll(tearDown)

async function tearDown(): Promise<void> {
  await pool?.end()
  await database?.close()
}

/** Times are given in milliseconds. */
const rounding = 0.002
const kinds: Kind[] = ['table', 'view', 'search']

async function freshnessOf(kind: Kind): Promise<Freshness> {
  const all = await readFreshness(pool, kinds.map(freshTargetOf))
  expect([...all.keys()]).toEqual(kinds.map((one) => `notes@${one}`))
  return all.get(`notes@${kind}`) as Freshness
}

/** Seconds since the time that a target says it reflects, by the database's clock. */
async function secondsSince({ reflectedAt }: Freshness): Promise<number> {
  const { rows } = await pool.query('select extract(epoch from clock_timestamp() - $1::timestamptz) as seconds', [
    reflectedAt,
  ])
  return Number(rows[0].seconds)
}

test('what was never built has no lag', async () => {
  expect(await freshnessOf('table')).toEqual({ record: 'none' })
})

test('a cursor that has passed every event has no lag, and reflects the head', async () => {
  await records.serve('table')
  await pool.query(`update trifold.windows set taken_at = now() - interval '1 hour'`)
  await pool.query(`update trifold.generations set created_at = now() - interval '1 hour'`)
  await pool.query(`update trifold.history set began_at = now() - interval '1 day'`)
  expect(await secondsSince(await freshnessOf('table'))).toBeGreaterThan(3_590)
  await records.recordHead('0')
  const freshness = await freshnessOf('table')
  expect(freshness).toMatchObject({ record: 'cursor', lag: 0, eventsWaiting: 0 })
  expect(await secondsSince(freshness)).toBeLessThan(60)
})

test('a cursor lags behind the oldest event that is in no window, and behind the oldest of the windows ahead', async () => {
  await records.serve('table')
  await records.append(4_000)
  const unread = await freshnessOf('table')
  expect(unread).toMatchObject({ record: 'cursor', eventsWaiting: 1 })
  expect(unread.lag).toBeGreaterThan(4_000_000)
  expect(unread.lag).toBeLessThan(4_100_000)
  const window = await records.makeWindow(9_000)
  expect((await freshnessOf('table')).lag).toBeGreaterThan(9_000_000)
  await records.moveTo(window)
  expect(await freshnessOf('table')).toMatchObject({ lag: 0, eventsWaiting: 0 })
})

test('an index lags until what was applied is searchable', async () => {
  await records.serve('search')
  await records.moveTo(await records.makeWindow(90))
  const applied = await freshnessOf('search')
  expect(applied).toMatchObject({ record: 'cursor', eventsWaiting: 0 })
  expect(applied.lag).toBeGreaterThan(90_000)
  await records.makeSearchable('1')
  expect((await freshnessOf('search')).lag).toBe(0)
})

test('a refresh is as old as its snapshot, whether events wait or not', async () => {
  const id = await records.serve('view')
  await pool.query(
    `update trifold.generations set snapshot_at = clock_timestamp() - interval '90 seconds' where id = $1`,
    [id],
  )
  for (const events of [0, 1]) {
    if (events > 0) await records.append(300)
    const earliest = await secondsSince(await freshnessOf('view'))
    const freshness = await freshnessOf('view')
    expect(freshness).toMatchObject({ record: 'refresh', eventsWaiting: undefined })
    const lag = (freshness.lag as number) / 1_000
    expect(lag).toBeGreaterThan(90)
    expect(lag).toBeGreaterThanOrEqual(earliest - rounding)
    expect(lag).toBeLessThanOrEqual((await secondsSince(freshness)) + rounding)
  }
})

test.each(kinds)('a wait for a %s and the list of its snapshots judge by the same records', async (kind) => {
  const earlier = await records.write()
  await records.serve(kind)
  const later = await records.write()
  const target = freshTargetOf(kind)
  const snapshots = await reflectedSnapshots(pool, target, 1n)
  for (const [commit, isShown] of [
    [earlier, true],
    [later, false],
  ] as const) {
    const xid = Number(commit.split('.')[1])
    expect(snapshots.some((snapshot) => isVisible(xid, snapshot))).toBe(isShown)
    const waiting = waitForToken(pool, target, commit, { timeout: '20ms' })
    if (isShown) expect(await waiting).toBe(0)
    else await expect(waiting).rejects.toMatchObject({ code: 'WAIT_TIMEOUT' })
  }
})
