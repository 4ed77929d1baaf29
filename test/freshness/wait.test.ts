import type pg from 'pg'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { openPool } from '../../src/database.ts'
import { raiseEra } from '../../src/era.ts'
import { type WaitOptions, waitForToken } from '../../src/freshness.ts'
import { joinTokens } from '../../src/outbox/token.ts'
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

const wait = (kind: Kind, commit: string, options: WaitOptions = {}) =>
  waitForToken(pool, freshTargetOf(kind), commit, { timeout: '60ms', ...options })

const timesOut = { code: 'WAIT_TIMEOUT' }

test('a table shows what its build saw, and nothing later', async () => {
  const before = await records.write()
  await records.serve('table')
  expect(await wait('table', before)).toBe(0)
  await expect(wait('table', await records.write())).rejects.toMatchObject(timesOut)
})

test('a table shows a commit once its cursor is at the end of a window that sees it', async () => {
  await records.serve('table')
  const commit = await records.write()
  const window = await records.makeWindow()
  await expect(wait('table', commit)).rejects.toMatchObject({
    ...timesOut,
    message: expect.stringMatching(
      /^query: notes@table did not show the commit within 60 ms: it reflects a snapshot of \d+\.\d s ago, with 1 windows ahead of it; check that `trifold worker` runs/,
    ),
  })
  await records.moveTo(window)
  await wait('table', commit)
})

test('a commit that a window does not see is not shown by it, though its transaction began before', async () => {
  await records.serve('table')
  const slow = await records.beginWrite()
  await records.write()
  const window = await records.makeWindow()
  await records.moveTo(window)
  await slow.end()
  await expect(wait('table', slow.token)).rejects.toMatchObject(timesOut)
  await records.moveTo(await records.makeWindow())
  await wait('table', slow.token)
})

test('the head makes commits without events visible, to a cursor that stands at the end of its window only', async () => {
  await records.serve('table')
  const window = await records.makeWindow()
  const commit = await records.write()
  await records.recordHead(window)
  await expect(wait('table', commit)).rejects.toMatchObject(timesOut)
  await records.moveTo(window, 17)
  await expect(wait('table', commit)).rejects.toMatchObject(timesOut)
  await records.moveTo(window)
  await wait('table', commit)
})

test('a view shows what its last refresh saw', async () => {
  const id = await records.serve('view')
  const commit = await records.write()
  await expect(wait('view', commit)).rejects.toMatchObject({
    message: expect.stringMatching(/it reflects a snapshot of \d+\.\d s ago; wait for its refresh/),
  })
  await pool.query(
    'update trifold.generations set snapshot = pg_current_snapshot(), snapshot_at = now() where id = $1',
    [id],
  )
  await wait('view', commit)
  await expect(wait('view', await records.write())).rejects.toMatchObject(timesOut)
})

test('an index shows what was applied up to its last index refresh', async () => {
  await records.serve('search')
  const commit = await records.write()
  const window = await records.makeWindow()
  await records.moveTo(window)
  await expect(wait('search', commit)).rejects.toMatchObject(timesOut)
  await records.makeSearchable(window)
  await wait('search', commit)
})

test('the head counts for an index only when all that was applied is searchable', async () => {
  await records.serve('search')
  await records.recordHead('0')
  const window = await records.makeWindow()
  const commit = await records.write()
  await records.moveTo(window)
  await pool.query('update trifold.head set window_id = $1, snapshot = pg_current_snapshot()', [window])
  await expect(wait('search', commit)).rejects.toMatchObject(timesOut)
  await records.makeSearchable(window)
  await wait('search', commit)
})

test('a token of several commits waits for all of them, one without a transaction for nothing', async () => {
  const first = await records.write()
  await records.serve('table')
  const second = await records.write()
  await expect(wait('table', joinTokens([first, second]))).rejects.toMatchObject(timesOut)
  await records.moveTo(await records.makeWindow())
  await wait('table', joinTokens([first, second]))
  await wait('table', second.replace(/\..*/, ''))
})

test('a read that waits is woken by nothing but the fact, and wakes the workers once', async () => {
  await records.serve('table')
  const commit = await records.write()
  let woken = 0
  const wake = async () => {
    woken += 1
    await records.moveTo(await records.makeWindow())
  }
  expect(await wait('table', commit, { timeout: '1h', wake })).toBeGreaterThan(0)
  expect(await wait('table', commit, { wake })).toBe(0)
  expect(woken).toBe(1)
})

test('a wake-up that is lost only costs time', async () => {
  await records.serve('table')
  const commit = await records.write()
  const waiting = wait('table', commit, { timeout: '1h', wake: () => Promise.reject(new Error('lost')) })
  await records.moveTo(await records.makeWindow())
  await waiting
})

test("a wait for one's own open transaction, or for one that was rolled back, fails at once", async () => {
  await records.serve('table')
  const open = await records.beginWrite()
  await expect(wait('table', open.token, { timeout: '1h' })).rejects.toMatchObject({
    code: 'TOKEN_UNCOMMITTED',
    message: expect.stringContaining('still open or was rolled back'),
  })
  await open.end('rollback')
  await expect(wait('table', open.token, { timeout: '1h' })).rejects.toMatchObject({ code: 'TOKEN_UNCOMMITTED' })
})

test('a token of another era, of another database or of no form at all fails at once', async () => {
  await records.serve('table')
  await expect(wait('table', '2.99999999', { timeout: '1h' })).rejects.toMatchObject({ code: 'ERA_MISMATCH' })
  const unknown = (await records.write()).replace(/\..*/, '.99999999')
  await expect(wait('table', unknown, { timeout: '1h' })).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  await expect(wait('table', 'x', { timeout: '1h' })).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
})

test('a token of the same era in another history fails at once, whatever transactions it names', async () => {
  await records.serve('table')
  const shown = await records.write()
  await records.moveTo(await records.makeWindow())
  await wait('table', shown)
  await pool.query(`select setval('trifold.era_nonce', 7)`)
  for (const foreign of [shown, shown.replace(/\d+$/, '99999999')])
    await expect(wait('table', foreign, { timeout: '1h' })).rejects.toMatchObject({
      code: 'ERA_MISMATCH',
      message: expect.stringContaining('of another database, or of a history that was lost'),
    })
  expect(() => joinTokens([shown, shown.replace(/-\w+/, '-7')])).toThrow('belong to different eras')
})

test('a token of a version without nonces is taken until the next era, if the era of before has none', async () => {
  await records.serve('table')
  const bare = (await records.write()).replace(/-\w+/, '')
  await expect(wait('table', bare, { timeout: '1h' })).rejects.toMatchObject({ code: 'ERA_MISMATCH' })
  await pool.query('update trifold.history set nonce = null, written_by = pg_current_xact_id()')
  await records.moveTo(await records.makeWindow())
  await wait('table', bare)
  await wait(
    'table',
    await records.write().then(async (commit) => {
      await records.moveTo(await records.makeWindow())
      return commit
    }),
  )
  const client = await pool.connect()
  await raiseEra(client, 1)
  client.release()
  await expect(wait('table', bare.replace(/^1/, '2'), { timeout: '1h' })).rejects.toMatchObject({
    code: 'ERA_MISMATCH',
  })
})

test('what was recorded in an earlier era shows no commit of this one', async () => {
  const future = (await records.snapshot()).replace(/^(\d+):\d+:.*$/, '$1000:$1000:')
  const view = await records.serve('view')
  await pool.query('update trifold.generations set snapshot = $2, snapshot_at = now() where id = $1', [view, future])
  await records.serve('table', { buildSnapshot: future })
  await records.serve('search', { buildSnapshot: future })
  await pool.query(`update trifold.windows set snapshot = $1`, [future])
  await pool.query(`update trifold.consumers set searchable_window = 0`)
  await wait('table', await records.write())
  await pool.query(`select setval('trifold.era', 2)`)
  await pool.query(
    `insert into trifold.history (era, system_identifier, timeline, database_oid, reason)
    select 2, system_identifier, timeline, database_oid, 'timeline' from trifold.history`,
  )
  const commit = await records.write()
  for (const kind of ['table', 'view', 'search'] as const)
    await expect(wait(kind, commit)).rejects.toMatchObject(timesOut)
  await records.moveTo(await records.makeWindow())
  await wait('table', commit)
})

test('a target that stopped fails at once what it does not show, and only that', async () => {
  await records.serve('table')
  const shown = await records.write()
  await records.moveTo(await records.makeWindow())
  await pool.query(`update trifold.consumers set failure = '{"ordinal": 7}'`)
  await wait('table', shown)
  await expect(wait('table', await records.write(), { timeout: '1h' })).rejects.toMatchObject({
    code: 'TARGET_STOPPED',
    details: { target: 'notes@table', failure: { ordinal: 7 } },
  })
})

const ended = (code: string) =>
  pool.query('update trifold.consumers set failure = $1', [{ code, ordinal: 7, handlersVersion: 1, message: 'ended' }])

test.each(['PROCESS_ENDED', 'HANDLER_BLOCKED'])(
  'an event that its worker will park is waited for: %s',
  async (code) => {
    await records.serve('table')
    const commit = await records.write()
    await ended(code)
    await expect(wait('table', commit)).rejects.toMatchObject({
      ...timesOut,
      message:
        'query: notes@table did not show the commit within 60 ms: event 7 ended the process of its handler, and no worker has ' +
        'parked it yet; check that `trifold worker` runs',
    })
    const window = await records.makeWindow()
    await wait('table', commit, { timeout: '1h', wake: () => records.moveTo(window) })
  },
)

test('nobody waits for an event that stops its target, nor for a target that parked too many', async () => {
  await records.serve('table')
  const commit = await records.write()
  const stops = { ...freshTargetOf('table'), parks: false }
  await ended('PROCESS_ENDED')
  await expect(waitForToken(pool, stops, commit, { timeout: '1h' })).rejects.toMatchObject({ code: 'TARGET_STOPPED' })
  await ended('PARKED_TOO_MANY')
  await expect(wait('table', commit, { timeout: '1h' })).rejects.toMatchObject({ code: 'TARGET_STOPPED' })
})

test('a target that was never built says so when the wait ends', async () => {
  await expect(wait('table', await records.write())).rejects.toMatchObject({
    message:
      'query: notes@table did not show the commit within 60 ms: it has not been built; run `trifold rebuild --outdated`',
  })
})

test('a signal ends the wait with its reason', async () => {
  await records.serve('table')
  const stop = new AbortController()
  const waiting = wait('table', await records.write(), {
    timeout: '1h',
    signal: stop.signal,
    wake: async () => stop.abort(new Error('closing')),
  })
  await expect(waiting).rejects.toThrow('closing')
})

test('a timeout that cannot be read is refused', async () => {
  await expect(wait('table', '1.3', { timeout: 'soon' as never })).rejects.toMatchObject({ code: 'QUERY_INVALID' })
})
