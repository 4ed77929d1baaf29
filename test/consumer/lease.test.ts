import type pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openClient, openPool } from '../../src/database.ts'
import { moveCursorInTransaction } from '../../src/lease/cursor.ts'
import { renewLease } from '../../src/lease/keep.ts'
import { type Lease, takeLease } from '../../src/lease.ts'
import { createTableMaterializer } from '../../src/materializers/table.ts'
import { buildNext } from '../../src/rebuild/build-next.ts'
import { releaseLease } from '../../src/schema/consumers.ts'
import type { Generation } from '../../src/schema/generations.ts'
import { clearSuspectKeys } from '../../src/schema/suspect-keys.ts'
import type { TestDatabase } from '../support/database.ts'
import { waitForLockWaiters } from '../support/lock-waiters.ts'
import { marketContext } from '../support/market/context.ts'
import { createMarket } from '../support/market/database.ts'
import { plainOrder } from '../support/market.ts'
import { until } from '../support/until.ts'

describe('the lease of a target', () => {
  let database: TestDatabase
  let pool: pg.Pool
  let generation: Generation
  const opened: pg.Client[] = []

  beforeAll(async () => {
    database = await createMarket()
    pool = openPool(database.url, { name: 'test' })
    const context = await marketContext(pool, database.url, 'plain_order', 'table', plainOrder as never)
    generation = await buildNext(createTableMaterializer(context), { reason: 'test' })
  })
  afterEach(async () => {
    for (const client of opened.splice(0)) await client.end()
    await pool.query(
      `update trifold.consumers
      set lease_until = '-infinity', owner = null, backend_pid = null, backend_start = null, handlers_version = 1`,
    )
  })
  afterAll(async () => {
    await pool?.end()
    await database?.close()
  })

  const connect = async (): Promise<pg.Client> => {
    const client = await openClient(database.url, { name: 'lease test' })
    opened.push(client)
    return client
  }
  const take = (client: pg.ClientBase, owner = 'one', version = 1) => takeLease(client, generation, owner, version)
  const taken = async (client: pg.ClientBase, owner?: string): Promise<Lease> => {
    const lease = await take(client, owner)
    if (!lease) throw new Error('the lease was refused')
    return lease
  }
  const runOut = () => pool.query(`update trifold.consumers set lease_until = '-infinity'`)
  const stands = async (pid: string): Promise<boolean> => {
    const { rows } = await pool.query('select from pg_stat_activity where pid = $1', [pid])
    return rows.length === 1
  }
  const pidOf = async (client: pg.Client): Promise<string> =>
    (await client.query('select pg_backend_pid() as pid')).rows[0].pid

  it('is refused while another consumer holds it, of the same process or another', async () => {
    const lease = await taken(await connect())
    expect(await take(await connect(), 'two')).toBeUndefined()
    expect(await take(await connect(), 'one')).toBeUndefined()
    expect(await renewLease(opened[0] as pg.Client, lease)).toBe(true)
  })

  it('begins at the cursor of the build with an epoch above it', async () => {
    const lease = await taken(await connect())
    expect(lease.epoch).toBeGreaterThan(1)
    expect(lease.cursor).toMatchObject({ era: 1, position: undefined })
    expect(lease.buildSnapshot?.text).toBe(generation.buildSnapshot)
  })

  it('is given back, and taken by the next consumer at once', async () => {
    const client = await connect()
    const lease = await taken(client)
    await releaseLease(client, lease)
    expect((await taken(await connect(), 'two')).epoch).toBe(lease.epoch + 1)
    expect(await renewLease(client, lease)).toBe(false)
  })

  it('is taken at once when the connection of its owner is gone', async () => {
    const client = await connect()
    const lease = await taken(client)
    const pid = await pidOf(client)
    await client.end()
    await until('the backend is gone', async () => !(await stands(pid)))
    expect((await taken(await connect(), 'two')).epoch).toBe(lease.epoch + 1)
  })

  it('is taken once it has run out, from an owner that stands in a transaction with the row locked', async () => {
    const frozen = await connect()
    const lease = await taken(frozen)
    const pid = await pidOf(frozen)
    await runOut()
    await frozen.query('begin')
    expect(await moveCursorInTransaction(frozen, lease, { ...lease.cursor, ordinal: 99 })).toBe(true)
    // As after a time that is longer than the lease: its transaction has not gone on.
    const next = await connect()
    await until('the lease is free', async () => (await take(next, 'two')) !== undefined)
    expect(await stands(pid)).toBe(false)
    await expect(frozen.query('commit')).rejects.toThrow()
  })

  it('is taken once it has run out, and leaves a connection alone that does not block it: it may keep other leases', async () => {
    const idle = await connect()
    await taken(idle)
    await runOut()
    expect(await take(await connect(), 'two')).toBeDefined()
    expect(await stands(await pidOf(idle))).toBe(true)
  })

  it('is held by a statement that runs for longer than the lease', async () => {
    const [owner, holder] = [await connect(), await connect()]
    await taken(owner)
    await holder.query('select pg_advisory_lock(1)')
    const running = owner.query('select pg_advisory_lock(1)')
    await waitForLockWaiters(pool, 1)
    await runOut()
    expect(await take(await connect(), 'two')).toBeUndefined()
    await holder.query('select pg_advisory_unlock(1)')
    await running
    expect(await take(await connect(), 'two')).toBeDefined()
  })

  it('is held by a transaction whose statements follow each other', async () => {
    const owner = await connect()
    await taken(owner)
    await owner.query('begin')
    await owner.query('select 1')
    await runOut()
    expect(await take(await connect(), 'two')).toBeUndefined()
    await owner.query('commit')
    expect(await take(await connect(), 'two')).toBeDefined()
  })

  it('ends the old backend, then raises the epoch in a statement of its own, and only then reads the cursor', async () => {
    await taken(await connect())
    await runOut()
    const client = await connect()
    const statements: string[] = []
    const query = client.query.bind(client) as (...statement: unknown[]) => Promise<pg.QueryResult>
    client.query = ((...statement: unknown[]) => {
      statements.push(String((statement[0] as { text?: string }).text ?? statement[0]))
      return query(...statement)
    }) as typeof client.query
    await taken(client, 'two')
    const order = [
      'pg_terminate_backend',
      'set\n      epoch = epoch + 1',
      'select era, window_id, position',
      'row_snapshots',
    ]
    const places = order.map((part) => statements.findIndex((statement) => statement.includes(part)))
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(places[0]).toBeGreaterThan(0)
    expect(statements).not.toContain('begin')
  })

  it('reads the cursor that an apply has moved which was still running', async () => {
    const owner = await connect()
    const lease = await taken(owner)
    await pool.query(`update trifold.consumers set lease_until = '-infinity', backend_pid = null`)
    await owner.query('begin')
    await moveCursorInTransaction(owner, lease, { ...lease.cursor, ordinal: lease.cursor.ordinal + 7 })
    const next = take(await connect(), 'two')
    await until('the takeover waits', async () => {
      const { rows } = await pool.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%epoch + 1%'`,
      )
      return rows.length > 0
    })
    await owner.query('commit')
    expect((await next)?.cursor.ordinal).toBe(lease.cursor.ordinal + 7)
  })

  it('lets nobody clear a suspect key who has lost it: the next owner may have parked another event of the key', async () => {
    const client = await connect()
    const before = await taken(client)
    await releaseLease(client, before)
    const lease = await taken(client, 'two')
    await pool.query(
      `with parked as (
        insert into trifold.parked (
          target, generation_id, window_id, ordinal, position, type, version, aggregate, payload, appended_at,
          code, message, handlers_version
        )
        values ('plain_order@table', $1, 1, 1, 1, 'OrderPlaced', 1, 'order:1', '{}', now(), 'HANDLER_FAILED', '', 1)
        returning id
      )
      insert into trifold.suspect_keys (parked_id, generation_id, key)
      select id, $1, '["1"]'
      from parked`,
      [generation.id],
    )
    const suspects = async () => (await pool.query('select from trifold.suspect_keys')).rowCount
    await clearSuspectKeys(client, before, ['["1"]'])
    expect(await suspects()).toBe(1)
    await clearSuspectKeys(client, lease, ['["1"]'])
    expect(await suspects()).toBe(0)
  })

  it('is refused to a worker with older handlers than those that have run the target', async () => {
    const client = await connect()
    await releaseLease(client, (await take(client, 'one', 3)) as Lease)
    const refused = take(await connect(), 'two', 2)
    await expect(refused).rejects.toMatchObject({ code: 'HANDLERS_OUTDATED' })
    await expect(refused).rejects.toThrow('version 3')
    expect(await take(await connect(), 'two', 3)).toBeDefined()
  })

  it('is won by one of many that ask at the same time', async () => {
    const clients = await Promise.all(Array.from({ length: 6 }, connect))
    const leases = await Promise.all(clients.map((client, place) => take(client, `owner ${place}`)))
    expect(leases.filter(Boolean)).toHaveLength(1)
  })
})
