import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openClient } from '../../src/database.ts'
import { newEra, raiseEra } from '../../src/era.ts'
import { pruneWindows } from '../../src/feed/prune.ts'
import { ensurePartitions } from '../../src/outbox/partitions.ts'
import { applyRetention, type Retained, type Retention } from '../../src/outbox/retention.ts'
import { whileRebuilding } from '../../src/rebuild/lock.ts'
import { theFeed } from '../feed/design.ts'
import { Setting } from '../feed/setting.ts'
import { createAggregates, type Writer } from '../feed/writer.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

/** A wrong way: the partition is not asked again once it is locked. */
const mutant = vi.hoisted(() => ({ asksOnce: false }))

vi.mock('../../src/schema/outbox/retained.ts', async (original) => {
  const right = await original<typeof import('../../src/schema/outbox/retained.ts')>()
  let asked = false
  return {
    ...right,
    isPassed: async (...given: Parameters<typeof right.isPassed>) => {
      if (mutant.asksOnce && asked) return true
      asked = await right.isPassed(...given)
      return asked
    },
  }
})

const day = 86_400_000
const gigabyte = 2 ** 30

let database: TestDatabase
let setting: Setting
let writer: Writer

beforeEach(async () => {
  database = await createDatabase()
  await createAggregates(database.pool)
  setting = new Setting(database, theFeed)
  writer = await setting.writer()
})

afterEach(async () => {
  mutant.asksOnce = false
  await setting?.close()
  await database?.close()
})

/** One look of a worker. Nothing is old or large unless `options` say so. */
async function look(options: Partial<Retention> = {}): Promise<Retained> {
  const client = await openClient(database.url, { name: 'maintenance' })
  const prune = () => pruneWindows(client, { keepMilliseconds: 0 })
  const retention = { retain: 3 * day, partitionBytes: gigabyte, cap: 50 * gigabyte, isConfigured: () => true }
  try {
    await ensurePartitions(client)
    await prune()
    return await applyRetention(client, { ...retention, ...options }, prune)
  } finally {
    await client.end()
  }
}

const nothing = { closed: undefined, dropped: [], cutOff: [] }

async function age(days: number): Promise<void> {
  await database.pool.query(`update trifold.outbox set appended_at = appended_at - $1 * interval '1 day'`, [days])
}

async function partitions(): Promise<Record<string, number>> {
  const { rows } = await database.pool.query(
    `select inhrelid::regclass::text as name, (
      select count(*)::int
      from trifold.outbox
      where tableoid = inhrelid
    ) as count
    from pg_inherits
    where inhparent = 'trifold.outbox'::regclass
    order by 1`,
  )
  return Object.fromEntries(rows.map(({ name, count }) => [name.replace('trifold.outbox_', ''), count]))
}

/** A consumer whose cursor is at the window. */
async function addConsumer(target: string, window: number): Promise<void> {
  const { rows } = await database.pool.query(
    `insert into trifold.generations
      (target, number, storage, state, reason, definition_version, definition_hash, columns, build_window, created_at)
    values ($1, 1, 'none', 'serving', 'test', 1, '', '[]', 0, now() - interval '5 days')
    returning id`,
    [target],
  )
  await database.pool.query(
    `insert into trifold.consumers (generation_id, era, window_id, page_window, ordinal, handlers_version)
    values ($1, 1, $2, $2, 0, 1)`,
    [rows[0].id, window],
  )
}

const moveCursors = () =>
  database.pool.query(
    `update trifold.consumers
    set (window_id, page_window) = (select max(id), max(id) from trifold.windows)`,
  )

/** Events in the first partition, which is closed, one in the next, and a window after each. */
async function closeFirst(...consumers: string[]): Promise<void> {
  for (const target of consumers) await addConsumer(target, 0)
  const process = await setting.process()
  await writer.commit('a', 'b')
  await process.tick()
  await look()
  expect(await look({ partitionBytes: 1 })).toEqual({ ...nothing, closed: 'outbox_p0' })
  await writer.commit('a')
  await process.tick()
}

test('a partition is closed once it is large or old enough, and the next event begins another', async () => {
  await writer.commit('a', 'b')
  expect(await look()).toEqual(nothing)
  expect((await look({ partitionBytes: 1 })).closed).toBe('outbox_p0')
  expect((await look({ partitionBytes: 1 })).closed).toBeUndefined()
  await writer.commit('a')
  expect(await partitions()).toEqual({ default: 0, p0: 2, p20000001: 1 })
  await age(1)
  expect((await look()).closed).toBe('outbox_p20000001')
  await writer.commit('a')
  expect(await partitions()).toEqual({ default: 0, p0: 2, p20000001: 1, p40000001: 1 })
})

test('no append waits for the end of a transaction that keeps a partition from being closed', async () => {
  await writer.commit('a')
  const open = await setting.writer()
  await open.run('begin')
  await open.append('open')
  expect(await look({ partitionBytes: 1 })).toEqual(nothing)
  await writer.commit('b')
  await open.run('commit')
  expect((await look({ partitionBytes: 1 })).closed).toBe('outbox_p0')
})

test('a partition goes once it is old enough and every consumer has read it', async () => {
  await closeFirst('slow@table')
  expect(await look()).toEqual(nothing)
  await age(4)
  expect((await look()).dropped).toEqual([])
  expect(await partitions()).toMatchObject({ p0: 2 })
  await moveCursors()
  expect((await look()).dropped).toEqual([{ name: 'outbox_p0', bytes: expect.any(Number) }])
  expect(await partitions()).not.toHaveProperty('p0')
})

async function inClient<T>(work: (client: Awaited<ReturnType<typeof openClient>>) => Promise<T>): Promise<T> {
  const client = await openClient(database.url, { name: 'era' })
  return work(client).finally(() => client.end())
}

test('events of before a failover are kept for a consumer that goes on with them', async () => {
  await closeFirst('slow@table')
  await age(4)
  await inClient((client) => raiseEra(client, 1, undefined, 'log'))
  expect((await look()).dropped).toEqual([])
  await moveCursors()
  expect((await look()).dropped).toMatchObject([{ name: 'outbox_p0' }])
})

test('events are kept although the beginning of an era was rolled back', async () => {
  await closeFirst('slow@table')
  await age(4)
  await database.pool.query(`select setval('trifold.era', 2)`)
  expect((await look()).dropped).toEqual([])
})

test('events of a history that nobody goes on with are kept for nobody', async () => {
  await closeFirst('slow@table')
  await age(4)
  await inClient((client) => newEra(client))
  expect((await look()).dropped).toMatchObject([{ name: 'outbox_p0' }])
})

test('a generation that is being built keeps what it will read', async () => {
  await closeFirst('a@table')
  await age(4)
  await moveCursors()
  await database.pool.query(`update trifold.generations set state = 'building', build_window = 0`)
  await whileRebuilding(database.url, 'a@table', async () => {
    expect((await look({ cap: 1 })).dropped).toEqual([])
  })
  await database.pool.query(`update trifold.generations set state = 'dropped'`)
  expect((await look()).dropped).toHaveLength(1)
})

test('a build that was interrupted gives way to the cap', async () => {
  await closeFirst('a@table')
  await age(4)
  await moveCursors()
  await database.pool.query(`update trifold.generations set state = 'building', build_window = 0`)
  expect((await look({ cap: 1 })).dropped).toHaveLength(1)
})

/** A transaction has an event of the first partition open, and commits while the lock of the partition is waited for. */
async function commitWhileLocked(): Promise<number> {
  const process = await setting.process()
  const late = await setting.writer()
  await writer.commit('a')
  await process.tick()
  await look()
  await late.run('begin')
  await late.run(`select nextval('trifold.outbox_position')`)
  await look({ partitionBytes: 1 })
  await late.run(`insert into trifold.outbox (position, era, type, aggregate, payload, appended_at)
    values (3, 1, 'Counted', 'late', '{"aggregate": "late", "count": 1}', now() - interval '9 days')`)
  await writer.commit('a')
  await age(4)
  await process.tick()
  const looking = look()
  await until('the lock is waited for', async () => {
    const { rows } = await database.pool.query(
      `select from pg_locks where relation = 'trifold.outbox_p0'::regclass and mode = 'AccessExclusiveLock' and not granted`,
    )
    return rows.length > 0
  })
  await late.run('commit')
  const { dropped } = await looking
  return dropped.length
}

test('a partition that gets an event while its lock is waited for is kept', async () => {
  expect(await commitWhileLocked()).toBe(0)
  const { rows } = await database.pool.query(`select aggregate from trifold.outbox where aggregate = 'late'`)
  expect(rows).toHaveLength(1)
})

test('if it were not asked again under the lock, the event would be lost', async () => {
  mutant.asksOnce = true
  await commitWhileLocked()
  const { rows } = await database.pool.query(`select aggregate from trifold.outbox where aggregate = 'late'`)
  expect(rows).toHaveLength(0)
})

test('a partition that is emptied and not yet dropped takes a late event, and is kept for it', async () => {
  await closeFirst()
  await age(4)
  const open = await setting.writer()
  await open.run('begin')
  await open.append('open') // keeps the outbox from being locked, but not the first partition
  expect((await look()).dropped).toEqual([])
  expect(await partitions()).toMatchObject({ p0: 0 })
  await database.pool.query(`insert into trifold.outbox (position, era, type, aggregate, payload)
    values (7, 1, 'Counted', 'late', '{"aggregate": "late", "count": 1}')`)
  await open.run('commit')
  expect((await look()).dropped).toEqual([])
  expect(await partitions()).toMatchObject({ p0: 1 })
})

test('above the cap whoever has not read the oldest events is cut off, and nobody else', async () => {
  await closeFirst('slow@table')
  await addConsumer('fast@table', 2)
  expect(await look({ cap: 1 })).toMatchObject({
    cutOff: [{ target: 'slow@table', reason: 'cap' }],
    dropped: [{ name: 'outbox_p0' }],
  })
  const { rows } = await database.pool.query(
    'select era::int, epoch::int from trifold.consumers order by generation_id',
  )
  expect(rows).toEqual([
    { era: 0, epoch: 1 },
    { era: 1, epoch: 0 },
  ])
})

test('the cursor of a target that is in no configuration lapses once nobody has kept it for as long as events are', async () => {
  await closeFirst('gone@table')
  await age(4)
  expect((await look({ isConfigured: () => true })).cutOff).toEqual([])
  expect((await look({ isConfigured: () => false, retain: 9 * day })).cutOff).toEqual([])
  expect(await look({ isConfigured: () => false })).toMatchObject({
    cutOff: [{ target: 'gone@table', reason: 'abandoned' }],
    dropped: [{ name: 'outbox_p0' }],
  })
})

test('over thirty days as many events come as go', async () => {
  await addConsumer('a@table', 0)
  const process = await setting.process()
  const sizes: number[] = []
  for (let today = 0; today < 30; today++) {
    for (let event = 0; event < 20; event++) await writer.commit('a')
    await process.tick()
    await moveCursors()
    await age(1)
    await look()
    const counts = Object.values(await partitions())
    sizes.push(counts.reduce((sum, count) => sum + count, 0))
    expect(counts.length).toBeLessThanOrEqual(8)
  }
  expect(Math.max(...sizes)).toBeLessThanOrEqual(6 * 20)
  expect(Math.min(...sizes.slice(10))).toBeGreaterThanOrEqual(2 * 20)
})
