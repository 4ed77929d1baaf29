import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SessionMeter } from '../../../packages/compare/src/worker/session-meter.ts'
import { openClient, openPool } from '../../../src/database.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase
let meter: SessionMeter
let knowsBackends: boolean
let earlier: pg.PoolClient
beforeAll(async () => {
  database = await createDatabase({ migrated: false })
  const { rows } = await database.pool.query(`select current_setting('server_version_num')::integer >= 180000 as knows`)
  knowsBackends = rows[0].knows
  await database.pool.query('create table public.filler (text text)')
  earlier = await database.pool.connect()
  meter = await SessionMeter.install(database.url)
})
afterAll(async () => {
  await meter.close()
  earlier.release()
  await database.close()
})

const oneMegabyte = `insert into public.filler select repeat(md5(n::text), 32) from generate_series(1, 1024) as n`

describe('the meter of the sessions of a process', () => {
  it('counts what a session did that has ended', async () => {
    const before = await meter.total()
    const client = await openClient(database.url, { name: 'test' })
    await client.query(oneMegabyte)
    await client.end()
    const after = await meter.total()
    if (after.cpu !== undefined) expect(after.cpu).toBeGreaterThan(before.cpu as number)
    if (!knowsBackends) return expect(after.wal).toBeUndefined()
    expect((after.wal as number) - (before.wal as number)).toBeGreaterThan(1_000_000)
  })

  it('counts what a session of a pool has done that is still open', async () => {
    const pool = openPool(database.url, { name: 'test', max: 1 })
    const before = await meter.total()
    await pool.query(oneMegabyte)
    const after = await meter.total()
    await pool.end()
    if (knowsBackends) expect((after.wal as number) - (before.wal as number)).toBeGreaterThan(1_000_000)
    const ended = await meter.total()
    if (knowsBackends) expect((ended.wal as number) - (after.wal as number)).toBeLessThan(100_000)
  })

  it('counts nothing of a session that was open before', async () => {
    const before = await meter.total()
    await earlier.query(oneMegabyte)
    expect(await meter.total()).toEqual(before)
  })
})
