import type pg from 'pg'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { openPool } from '../../src/database.ts'
import { joinTokens, token } from '../../src/outbox/token.ts'
import { type FreshTarget, type WaitOptions, waitForToken } from '../../src/query.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase | undefined
let pool: pg.Pool

beforeEach(async () => {
  await tearDown()
  database = await createDatabase()
  pool = openPool(database.url, { name: 'test' })
  await pool.query('create table public.notes (text text)')
})

afterAll(tearDown)

async function tearDown(): Promise<void> {
  await pool?.end()
  await database?.close()
}

/** A transaction that has written; `end` ends it. */
async function beginWrite(): Promise<{ token: string; end: (how?: string) => Promise<void> }> {
  const client = await pool.connect()
  await client.query('begin')
  await client.query(`insert into notes values ('x')`)
  return {
    token: await token({ query: async (text) => one(await client.query(text)) }),
    async end(how = 'commit') {
      await client.query(how)
      client.release()
    },
  }
}

/** The pool gives booleans as text; an application's executor does not. */
const one = ({ rows }: pg.QueryResult) => ({ rows: rows.map((row) => ({ ...row, standby: row.standby === 't' })) })

async function write(): Promise<string> {
  const transaction = await beginWrite()
  await transaction.end()
  return transaction.token
}

async function snapshot(): Promise<string> {
  const { rows } = await pool.query('select pg_current_snapshot() as now')
  return rows[0].now
}

/** A serving generation that was filled now; with a consumer at window 0, unless it is a view. */
async function serve(kind: FreshTarget, options: { fillSnapshot?: string } = {}): Promise<string> {
  const { rows } = await pool.query(
    `insert into trifold.generations
      (target, number, storage, state, reason, definition_version, definition_hash, columns, fill_snapshot, fill_window, filled_at)
    values ($1, 1, 'x', 'serving', 'test', 1, 'x', '[]', $2, 0, now())
    returning id`,
    [`notes@${kind}`, options.fillSnapshot ?? (await snapshot())],
  )
  if (kind === 'view') return rows[0].id
  await pool.query(
    `insert into trifold.consumers (generation_id, era, window_id, number, handlers_version)
    values ($1, 1, 0, 0, 1)`,
    [rows[0].id],
  )
  return rows[0].id
}

/** The next window, at the snapshot of now. */
async function makeWindow(): Promise<string> {
  const { rows } = await pool.query(
    `insert into trifold.windows (id, era, snapshot, first_number, event_count)
    select max(id) + 1, (select last_value from trifold.era), pg_current_snapshot(), 1, 1
    from trifold.windows
    returning id`,
  )
  return rows[0].id
}

const moveTo = (window: string, position: number | null = null) =>
  pool.query('update trifold.consumers set window_id = $1, position = $2', [window, position])

const recordHead = (window: string) =>
  pool.query(
    `insert into trifold.head (window_id, era, snapshot)
    values ($1, (select last_value from trifold.era), pg_current_snapshot())`,
    [window],
  )

const wait = (kind: FreshTarget, commit: string, options: WaitOptions = {}) =>
  waitForToken(pool, { target: `notes@${kind}`, kind }, commit, { timeout: '60ms', ...options })

const timesOut = { code: 'WAIT_TIMEOUT' }

test('a table shows what its fill saw, and nothing later', async () => {
  const before = await write()
  await serve('table')
  expect(await wait('table', before)).toBe(0)
  await expect(wait('table', await write())).rejects.toMatchObject(timesOut)
})

test('a table shows a commit once its cursor is at the end of a window that sees it', async () => {
  await serve('table')
  const commit = await write()
  const window = await makeWindow()
  await expect(wait('table', commit)).rejects.toMatchObject({
    ...timesOut,
    message: expect.stringMatching(
      /^query: notes@table did not show the commit within 60 ms: it reflects a snapshot of \d+\.\d s ago, with 1 windows ahead of it; check that `trifold worker` runs/,
    ),
  })
  await moveTo(window)
  await wait('table', commit)
})

test('a commit that a window does not see is not shown by it, though its transaction began before', async () => {
  await serve('table')
  const slow = await beginWrite()
  await write()
  const window = await makeWindow()
  await moveTo(window)
  await slow.end()
  await expect(wait('table', slow.token)).rejects.toMatchObject(timesOut)
  await moveTo(await makeWindow())
  await wait('table', slow.token)
})

test('the head makes commits without events visible, to a cursor that stands at the end of its window only', async () => {
  await serve('table')
  const window = await makeWindow()
  const commit = await write()
  await recordHead(window)
  await expect(wait('table', commit)).rejects.toMatchObject(timesOut)
  await moveTo(window, 17)
  await expect(wait('table', commit)).rejects.toMatchObject(timesOut)
  await moveTo(window)
  await wait('table', commit)
})

test('a view shows what its last refresh saw', async () => {
  const id = await serve('view')
  const commit = await write()
  await expect(wait('view', commit)).rejects.toMatchObject({
    message: expect.stringMatching(/reflects nothing of this era yet; wait for its refresh/),
  })
  await pool.query(
    'update trifold.generations set snapshot = pg_current_snapshot(), snapshot_at = now() where id = $1',
    [id],
  )
  await wait('view', commit)
  await expect(wait('view', await write())).rejects.toMatchObject(timesOut)
})

const makeSearchable = (window: string) =>
  pool.query(
    `update trifold.consumers
    set searchable_window = id, searchable_snapshot = snapshot
    from trifold.windows
    where id = $1`,
    [window],
  )

test('an index shows what was applied up to its last index refresh', async () => {
  await serve('search')
  const commit = await write()
  const window = await makeWindow()
  await moveTo(window)
  await expect(wait('search', commit)).rejects.toMatchObject(timesOut)
  await makeSearchable(window)
  await wait('search', commit)
})

test('the head counts for an index only when all that was applied is searchable', async () => {
  await serve('search')
  await recordHead('0')
  const window = await makeWindow()
  const commit = await write()
  await moveTo(window)
  await pool.query('update trifold.head set window_id = $1, snapshot = pg_current_snapshot()', [window])
  await expect(wait('search', commit)).rejects.toMatchObject(timesOut)
  await makeSearchable(window)
  await wait('search', commit)
})

test('a token of several commits waits for all of them, one without a transaction for nothing', async () => {
  const first = await write()
  await serve('table')
  const second = await write()
  await expect(wait('table', joinTokens([first, second]))).rejects.toMatchObject(timesOut)
  await moveTo(await makeWindow())
  await wait('table', joinTokens([first, second]))
  await wait('table', '1')
})

test('a read that waits is woken by nothing but the fact, and wakes the workers once', async () => {
  await serve('table')
  const commit = await write()
  let woken = 0
  const wake = async () => {
    woken += 1
    await moveTo(await makeWindow())
  }
  expect(await wait('table', commit, { timeout: '10s', wake })).toBeGreaterThan(0)
  expect(await wait('table', commit, { wake })).toBe(0)
  expect(woken).toBe(1)
})

test('a wake-up that is lost only costs time', async () => {
  await serve('table')
  const commit = await write()
  const waiting = wait('table', commit, { timeout: '10s', wake: () => Promise.reject(new Error('lost')) })
  await moveTo(await makeWindow())
  await waiting
})

test("a wait for one's own open transaction, or for one that was rolled back, fails at once", async () => {
  await serve('table')
  const open = await beginWrite()
  await expect(wait('table', open.token, { timeout: '1h' })).rejects.toMatchObject({
    code: 'TOKEN_UNCOMMITTED',
    message: expect.stringContaining('still open or was rolled back'),
  })
  await open.end('rollback')
  await expect(wait('table', open.token, { timeout: '1h' })).rejects.toMatchObject({ code: 'TOKEN_UNCOMMITTED' })
})

test('a token of another era, of another database or of no form at all fails at once', async () => {
  await serve('table')
  await expect(wait('table', '2.99999999', { timeout: '1h' })).rejects.toMatchObject({ code: 'ERA_MISMATCH' })
  await expect(wait('table', '1.99999999', { timeout: '1h' })).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  await expect(wait('table', 'x', { timeout: '1h' })).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
})

test('what was recorded in an earlier era shows no commit of this one', async () => {
  const future = (await snapshot()).replace(/^(\d+):\d+:.*$/, '$1000:$1000:')
  const view = await serve('view')
  await pool.query('update trifold.generations set snapshot = $2, snapshot_at = now() where id = $1', [view, future])
  await serve('table', { fillSnapshot: future })
  await serve('search', { fillSnapshot: future })
  await pool.query(`update trifold.windows set snapshot = $1`, [future])
  await pool.query(`update trifold.consumers set searchable_window = 0, searchable_snapshot = $1`, [future])
  await wait('table', await write())
  await pool.query(`select setval('trifold.era', 2)`)
  await pool.query(
    `insert into trifold.history (era, system_identifier, timeline, database_oid, reason) values (2, 'x', 'x', 0, 'timeline')`,
  )
  const commit = await write()
  for (const kind of ['table', 'view', 'search'] as const)
    await expect(wait(kind, commit)).rejects.toMatchObject(timesOut)
  await moveTo(await makeWindow())
  await wait('table', commit)
})

test('a target that stopped fails at once what it does not show, and only that', async () => {
  await serve('table')
  const shown = await write()
  await moveTo(await makeWindow())
  await pool.query(`update trifold.consumers set failure = '{"number": 7}'`)
  await wait('table', shown)
  await expect(wait('table', await write(), { timeout: '1h' })).rejects.toMatchObject({
    code: 'TARGET_STOPPED',
    details: { target: 'notes@table', failure: { number: 7 } },
  })
})

test('a target that was never filled says so when the wait ends', async () => {
  await expect(wait('table', await write())).rejects.toMatchObject({
    message: 'query: notes@table did not show the commit within 60 ms: it has not been filled; run `trifold fill`',
  })
})

test('a signal ends the wait with its reason', async () => {
  await serve('table')
  const stop = new AbortController()
  const waiting = wait('table', await write(), {
    timeout: '1h',
    signal: stop.signal,
    wake: async () => stop.abort(new Error('closing')),
  })
  await expect(waiting).rejects.toThrow('closing')
})

test('a timeout that cannot be read is refused', async () => {
  await expect(wait('table', '1.3', { timeout: 'soon' as never })).rejects.toMatchObject({ code: 'QUERY_INVALID' })
})
