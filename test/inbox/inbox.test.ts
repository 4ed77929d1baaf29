import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { inTransaction } from '../../src/database.ts'
import { inbox } from '../../src/inbox.ts'
import { openToolkit } from '../../src/toolkit.ts'
import { startWorker } from '../../src/worker.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { waitForLockWaiters } from '../support/lock-waiters.ts'
import { until } from '../support/until.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database?.close())

const id = '0191f3c4-5a7e-7cc0-9d1e-3f0f5d2a9b10'

test.each([
  ['an id that is no UUID', '17', 'invoices', 'the event id "17" is not a UUID'],
  ['an id with a line end', `${id}\n`, 'invoices', 'is not a UUID'],
  ['no id', undefined, 'invoices', 'the event id undefined is not a UUID'],
  ['no consumer', id, undefined, 'undefined is no name of a consumer'],
  ['an empty consumer', id, '', '"" is no name of a consumer'],
  ['a consumer of blanks', id, '  ', 'is no name of a consumer'],
  ['a consumer that is too long', id, 'x'.repeat(201), 'is no name of a consumer'],
  ['a NUL in the consumer', id, 'a\0', 'is no name of a consumer'],
  ['half a character in the consumer', id, 'a\ud83d', 'is no name of a consumer'],
])('refuses %s before the transaction is asked', async (_, eventId, consumer, message) => {
  const asked = { query: () => Promise.reject(new Error('the transaction was asked')) }
  const refused = { code: 'INBOX_INVALID', message: expect.stringContaining(message) }
  await expect(inbox(asked, eventId as string, consumer as string)).rejects.toMatchObject(refused)
})

test('ends a REPEATABLE READ transaction in place of an answer that its snapshot does not allow', async () => {
  const eventId = randomUUID()
  const [first, second] = await Promise.all([database.pool.connect(), database.pool.connect()])
  try {
    await first.query('begin')
    await second.query('begin isolation level repeatable read')
    await second.query('select pg_current_snapshot()')
    await inbox(first, eventId, 'invoices')
    const late = inbox(second, eventId, 'invoices').catch((error) => error)
    await waitForLockWaiters(database.pool, 1)
    await first.query('commit')
    expect(await late).toMatchObject({ code: '40001' })
    await second.query('rollback')
    expect(await inTransaction(second, () => inbox(second, eventId, 'invoices'))).toBe(false)
  } finally {
    first.release()
    second.release()
  }
})

test('gives of many at once one the event', async () => {
  const eventId = randomUUID()
  const take = async () => {
    const client = await database.pool.connect()
    return inTransaction(client, () => inbox(client, eventId, 'invoices')).finally(() => client.release())
  }
  const taken = await Promise.all(Array.from({ length: 16 }, take))
  expect(taken.filter(Boolean)).toHaveLength(1)
})

test('forgets an event after `inbox.retain`, by any worker', async () => {
  const [old, young] = [randomUUID(), randomUUID()]
  await database.pool.query(
    `insert into trifold.inbox (consumer, event_id, received_at)
    select 'invoices', $1::uuid, now() - interval '25 hours'
    union all
    select 'invoices', $2::uuid, now() - interval '23 hours'
    union all
    select 'many', gen_random_uuid(), now() - interval '2 days'
    from generate_series(1, 10001)`,
    [old, young],
  )
  const config = { database: database.url, views: '/nowhere', readModels: {}, inbox: { retain: '1d' as const } }
  const toolkit = await openToolkit(resolveConfig(config))
  const worker = await startWorker(toolkit)
  const known = async () => {
    const { rows } = await database.pool.query(
      `select event_id from trifold.inbox where consumer = 'many' or event_id in ($1, $2)`,
      [old, young],
    )
    return rows.map((row) => row.event_id)
  }
  try {
    await until('the old events are forgotten', async () => (await known()).length === 1)
    expect(await known()).toEqual([young])
  } finally {
    await worker.stop()
    await toolkit.close()
  }
})
