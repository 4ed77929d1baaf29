import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTrifold, type Trifold } from '../../src/trifold.ts'
import type { TestDatabase } from '../support/database.ts'
import { freePort } from '../support/free-port.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { type MarketEvents, marketConfig } from '../support/market.ts'
import { startRelay, throughPort } from '../support/relay.ts'

const order = { quantity: 2, productId: 1, day: '2026-01-01' }
const settings = `
  select
    current_setting('timezone') as zone,
    current_setting('datestyle') as dates,
    current_setting('intervalstyle') as intervals,
    current_setting('idle_in_transaction_session_timeout') as idle`

let database: TestDatabase

beforeAll(async () => {
  database = await createMarket()
  await inOneTransaction(database.pool, (client) => placeOrder(client, 1, order))
  const trifold = await openTrifold(marketConfig({ database: database.url }))
  for (const target of trifold.targets) await trifold.admin.rebuild(target)
  await trifold.close()
})
afterAll(() => database?.close())

describe("an application's own pool", () => {
  let pool: pg.Pool
  let trifold: Trifold<MarketEvents>

  beforeEach(async () => {
    pool = new pg.Pool({
      connectionString: database.url,
      max: 1,
      options: '-c timezone=Asia/Tokyo -c datestyle=German',
    })
    trifold = await openTrifold(marketConfig({ database: database.url }), { pool })
    return async () => {
      await trifold.close()
      if (!pool.ended) await pool.end()
    }
  })

  it('gives the same rows as a pool of Trifold, whatever its sessions are set to', async () => {
    const other = await openTrifold(marketConfig({ database: database.url }))
    const { rows } = await trifold.readModel('plain_order').find()
    expect(rows).toHaveLength(1)
    expect(rows).toEqual((await other.readModel('plain_order').find()).rows)
    expect(rows[0]?.changed_at).toMatch(/Z$/)
    await other.close()
  })

  it('has its own settings and types whenever the application uses it', async () => {
    await trifold.readModel('plain_order').find()
    await trifold.readModel('day_total').summarize({ sum: 'quantity' })
    const [own] = (await pool.query(settings)).rows
    expect(own).toEqual({ zone: 'Asia/Tokyo', dates: 'German, DMY', intervals: 'postgres', idle: '0' })
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    expect(pool.totalCount).toBe(1)
  })

  it('keeps its settings when a request fails in the database', async () => {
    await database.pool.query('alter view plain_order__table rename to elsewhere')
    try {
      await expect(trifold.readModel('plain_order').find()).rejects.toMatchObject({ code: expect.any(String) })
      expect((await pool.query(settings)).rows[0]?.zone).toBe('Asia/Tokyo')
    } finally {
      await database.pool.query('alter view elsewhere rename to plain_order__table')
    }
  })

  it('stays open when Trifold is closed', async () => {
    await trifold.close()
    expect(pool.ending).toBe(false)
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })

  it('waits for a commit token', async () => {
    const worker = await openTrifold(marketConfig({ database: database.url }))
    const token = await inOneTransaction(database.pool, async (client) => {
      await placeOrder(client, 2, order)
      return trifold.token(client)
    })
    const waiting = trifold.readModel('plain_order').find({ after: token, timeout: '90s' })
    await worker.admin.rebuild('plain_order@table')
    expect((await waiting).rows.map(({ order_id }) => order_id)).toEqual([1, 2])
    await worker.close()
  })

  it('refuses a database without the schema of Trifold, and releases its client', async () => {
    const empty = new pg.Pool({ connectionString: database.url.replace(database.name, 'postgres'), max: 1 })
    const opening = openTrifold(marketConfig({ database: database.url }), { pool: empty })
    await expect(opening).rejects.toMatchObject({ code: 'DATABASE_NOT_MIGRATED' })
    expect((await empty.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await empty.end()
  })
})

describe('the folder of the definitions', () => {
  const market = () => marketConfig({ database: database.url })

  it('is never looked for in the working folder', async () => {
    for (const views of ['views', undefined]) {
      await expect(openTrifold({ ...market(), views } as never)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('root: import.meta.dirname'),
      })
    }
  })

  it('is relative to the root', async () => {
    const root = `${import.meta.dirname}/../support`
    const trifold = await openTrifold({ ...market(), root, views: 'market/views' })
    expect(trifold.targets).toContain('plain_order@table')
    await trifold.close()
  })

  it('has no relative root', async () => {
    await expect(openTrifold({ ...market(), root: '.' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('root: must be an absolute path'),
    })
  })
})

it('operates by methods', async () => {
  const trifold = await openTrifold(marketConfig({ database: database.url }))
  const rebuilt = await trifold.admin.rebuild('plain_order@table', { reason: 'a test' })
  expect(rebuilt).toMatchObject({ target: 'plain_order@table', reason: 'a test' })
  expect(await trifold.admin.verify('plain_order')).toMatchObject([{ missing: 0, surplus: 0, different: 0 }])
  expect((await trifold.admin.status()).targets.map(({ target }) => target)).toEqual(trifold.targets)
  expect((await trifold.admin.doctor()).findings.length).toBeGreaterThan(0)
  expect(await trifold.admin.schedules()).toEqual([])
  await expect(trifold.admin.refresh('plain_order@table')).rejects.toMatchObject({ code: 'QUERY_UNSUPPORTED' })
  await expect(trifold.admin.tuneSchedule('plain_order@table', { paused: true })).rejects.toMatchObject({
    code: 'SCHEDULE_INVALID',
  })
  await trifold.admin.removeTarget('pictured_order@table')
  const { targets } = await trifold.admin.status()
  expect(targets.find(({ target }) => target === 'pictured_order@table')?.generation).toBeUndefined()
  await trifold.close()
})

it('says in words that the database is away, to an operator as to a reader', async () => {
  const port = await freePort()
  const relay = await startRelay(port, database.url)
  const away = await openTrifold(marketConfig({ database: throughPort(database.url, port) }))
  try {
    await relay.close()
    const refused = { code: 'DATABASE_UNREACHABLE', message: expect.stringContaining('check that PostgreSQL runs') }
    await expect(away.readModel('plain_order').find({})).rejects.toMatchObject(refused)
    await expect(away.admin.verify('plain_order@table')).rejects.toMatchObject(refused)
    await expect(away.admin.parked()).rejects.toMatchObject(refused)
  } finally {
    await away.close()
  }
})
