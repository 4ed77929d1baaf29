import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { rebuild } from '../../src/operator/rebuild.ts'
import { buildText } from '../../src/operator/status/build-text.ts'
import { status } from '../../src/operator/status.ts'
import type { BuildUnderWay } from '../../src/schema/generations.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import type { TestDatabase } from '../support/database.ts'
import { createMarket } from '../support/market/database.ts'
import { marketConfig, plainOrder } from '../support/market.ts'
import { until } from '../support/until.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_RANGE_ROWS = '10'
})

const target = 'plain_order@table'
const orders = 100

let database: TestDatabase
let building: Toolkit
let looking: Toolkit

beforeEach(async () => {
  database = await createMarket()
  await database.pool.query(
    `insert into orders select n, 1, 1, 1, '2026-01-01', null, null, null, now() from generate_series(1000, ${999 + orders}) as n`,
  )
  const open = () => openToolkit(resolveConfig(marketConfig({ database: database.url }, { plain_order: plainOrder })))
  building = await open()
  looking = await open()
})
afterEach(async () => {
  await building?.close()
  await looking?.close()
  await database?.close()
})

const buildNow = async (): Promise<BuildUnderWay | undefined> =>
  (await status(looking)).targets.find((one) => one.target === target)?.build

it('a rebuild is seen from another process: how far it is, how fast, and no more once it has ended', async () => {
  const { rows: total } = await rebuild(building, target)
  expect(await buildNow()).toBeUndefined()
  const stop = new AbortController()
  const slow = rebuild(building, target, { maxRate: 20, signal: stop.signal })
  slow.catch(() => {})
  let seen: BuildUnderWay | undefined
  await until('some ranges are copied', async () => {
    seen = await buildNow()
    return (seen?.rows ?? 0) > 20
  })
  expect(seen).toMatchObject({ target, generation: 2, phase: 'copying', expectedRows: total })
  expect(seen?.rows).toBeLessThan(orders)
  expect(seen?.rowsPerSecond).toBeGreaterThan(0)
  stop.abort()
  await expect(slow).rejects.toMatchObject({ code: 'REBUILD_CANCELLED' })
  expect(await buildNow()).toBeUndefined()
  await rebuild(building, target)
  expect(await buildNow()).toBeUndefined()
})

it('is told in one line', () => {
  const build: BuildUnderWay = {
    target,
    generation: 3,
    phase: 'copying',
    startedAt: '2026-12-01T10:00:00.000Z',
    rows: 420_000,
    expectedRows: 1_000_000,
    rowsPerSecond: 12_000,
  }
  const at = (now: string, other: Partial<BuildUnderWay> = {}) => buildText({ ...build, ...other }, now)
  expect(at('2026-12-01T10:00:35.100Z')).toBe(
    'copying, 420,000 of about 1,000,000 rows, 12,000 rows/s, about 48.3 s left, for 35.1 s',
  )
  expect(at('2026-12-01T10:00:35.100Z', { rows: undefined, rowsPerSecond: undefined })).toBe('copying, for 35.1 s')
  expect(at('2026-12-01T10:00:35.100Z', { phase: 'catching up', rowsPerSecond: undefined })).toBe(
    'catching up, 420,000 rows, for 35.1 s',
  )
  expect(at('2026-12-01T10:00:35.100Z', { rows: 1_100_000 })).toBe('copying, 1,100,000 rows, 12,000 rows/s, for 35.1 s')
})
