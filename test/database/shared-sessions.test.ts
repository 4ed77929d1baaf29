import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SharedSessions } from '../../src/database/shared-sessions.ts'
import { inTransaction } from '../../src/database.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { waitForLockWaiters } from '../support/lock-waiters.ts'
import { until } from '../support/until.ts'

describe('shared sessions', () => {
  let database: TestDatabase
  let shared: SharedSessions
  const taken: pg.Client[] = []

  beforeEach(async () => {
    database = await createDatabase({ migrated: false })
    await database.pool.query('create table notes (id integer primary key)')
    shared = new SharedSessions(database.url, { most: 2, name: 'shared', settings: { lock_timeout: '0' } })
  })
  afterEach(async () => {
    for (const one of taken.splice(0)) await one.end().catch(() => {})
    await database.close()
  })

  const take = async (): Promise<pg.Client> => {
    const one = await shared.take()
    taken.push(one)
    return one
  }
  const pidOf = async (client: pg.Client): Promise<number> =>
    (await client.query('select pg_backend_pid()::integer as pid')).rows[0].pid
  const names = async (): Promise<string[]> => {
    const { rows } = await database.pool.query(
      `select application_name as name
      from pg_stat_activity
      where datname = current_database() and application_name like 'trifold shared%'
      order by name`,
    )
    return rows.map(({ name }) => name)
  }
  const notes = async (): Promise<number[]> =>
    (await database.pool.query('select id from notes order by id')).rows.map(({ id }) => id)
  const insert = (client: pg.ClientBase, id: number) => client.query('insert into notes values ($1)', [id])

  it('are as many as their users, but no more than they may be; those that nobody uses are closed', async () => {
    const users = await Promise.all(Array.from({ length: 5 }, take))
    expect(await names()).toEqual(['trifold shared 1', 'trifold shared 2'])
    const pids = await Promise.all(users.map(pidOf))
    expect(new Set(pids).size).toBe(2)
    const [first, ...others] = users as [pg.Client, ...pg.Client[]]
    const beside = others.filter((_, place) => pids[place + 1] === pids[0])
    for (const one of [first, ...beside]) await one.end()
    await until('a session is closed', async () => (await names()).length === 1)
    await Promise.all(others.filter((one) => !beside.includes(one)).map((one) => one.query('select 1')))
    expect(await pidOf(await take())).not.toBe(pids[0])
  })

  it('let nobody between the statements of a transaction', async () => {
    const [one, , other] = [await take(), await take(), await take()]
    expect(await pidOf(other)).toBe(await pidOf(one))
    let stray: Promise<unknown> | undefined
    const work = inTransaction(one, async () => {
      await insert(one, 1)
      stray = insert(other, 2)
      await insert(one, 3)
      throw new Error('taken back')
    })
    await expect(work).rejects.toThrow('taken back')
    await stray
    expect(await notes()).toEqual([2])
  })

  it('would take back what another user wrote, if a transaction did not have its session alone', async () => {
    const [one, , other] = [await take(), await take(), await take()]
    const careless = Object.assign(Object.create(one), { reserve: undefined }) as pg.Client
    const work = inTransaction(careless, async () => {
      await insert(one, 1)
      await insert(other, 2)
      throw new Error('taken back')
    })
    await expect(work).rejects.toThrow('taken back')
    expect(await notes()).toEqual([])
  })

  it('go on with the next user after a statement that failed, and after a transaction that did', async () => {
    const [one, , other] = [await take(), await take(), await take()]
    await expect(one.query('select 1 / 0')).rejects.toThrow('division by zero')
    await insert(other, 1)
    await expect(inTransaction(one, () => one.query('select 1 / 0'))).rejects.toThrow('division by zero')
    await insert(other, 2)
    expect(await notes()).toEqual([1, 2])
  })

  it('give another session to those who ask after one has ended, and leave the others alone', async () => {
    const [one, second, other] = [await take(), await take(), await take()]
    const pid = await pidOf(one)
    await database.pool.query('select pg_terminate_backend($1, 5000)', [pid])
    await expect(one.query('select 1')).rejects.toThrow()
    await expect(other.query('select 1')).rejects.toThrow()
    await one.end()
    expect(await pidOf(await take())).not.toBe(pid)
    await other.end()
    await second.query('select 1')
    expect(await names()).toEqual(['trifold shared 1', 'trifold shared 2'])
  })

  it('keep their other users waiting while one waits for a lock, and no longer', async () => {
    const [one, second, other] = [await take(), await take(), await take()]
    const holder = await database.pool.connect()
    await holder.query('begin; lock table notes in access exclusive mode')
    const waiting = insert(one, 1)
    await waitForLockWaiters(database.pool, 1)
    const behind = other.query('select 1')
    await second.query('select 1')
    await holder.query('commit')
    holder.release()
    await Promise.all([waiting, behind])
    expect(await notes()).toEqual([1])
  })

  it('are refused while the server is away, and given again once it answers', async () => {
    const away = new SharedSessions(database.url.replace(database.name, 'nowhere_at_all'), {
      most: 1,
      name: 'shared',
      settings: {},
    })
    await expect(Promise.all([away.take(), away.take()])).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
    await expect(away.take()).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
  })
})
