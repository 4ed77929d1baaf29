import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { rebuild } from '../../src/operator/rebuild.ts'
import { openToolkit } from '../../src/toolkit.ts'
import { waitForLockWaiters } from '../support/lock-waiters.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, orderIds, placeOrder } from '../support/market/writer.ts'
import { marketConfig, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { WorkerChild } from '../support/worker-child.ts'
import { WrittenBetween } from './written-between.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_RANGE_ROWS = '2'
})

const seed = Number(process.env.TRIFOLD_SEED ?? Math.floor(Math.random() * 1e6))

describe(`a rebuild that was cancelled between two ranges (TRIFOLD_SEED=${seed})`, () => {
  let stand: WrittenBetween
  let observed: Observed
  beforeEach(async () => {
    observed = new Observed()
    stand = await WrittenBetween.open('day_total', seed)
  })
  afterEach(() => stand.close())

  const cancelAfter = async (ranges: number) => {
    const stop = new AbortController()
    const materializer = stand.materializer(async () => {
      await stand.write()
      if (stand.ranges === ranges) stop.abort()
    })
    const cancelled = stand.rebuild(materializer, { signal: stop.signal, observe: observed.observe })
    await expect(cancelled).rejects.toMatchObject({
      code: 'REBUILD_CANCELLED',
      message: expect.stringMatching(/generation 1 keeps \d+ rows, with which the next rebuild continues$/),
    })
  }
  const states = async () =>
    (await stand.pool.query('select number, state from trifold.generations order by number')).rows.map(Object.values)
  const resume = () => stand.rebuild(undefined, { observe: observed.observe })
  const expectEqual = async () => {
    const { found, expected } = await stand.rows()
    expect(found).toEqual(expected)
  }

  it('is continued by the next, with the ranges that were copied', async () => {
    await cancelAfter(2)
    const [kept] = observed.of('rebuild.kept')
    expect(observed.of('rebuild.discarded')).toEqual([])
    const before = await stand.pool.query('select number, snapshot::text from trifold.range_snapshots order by number')
    await stand.write()
    expect(await resume()).toMatchObject({ number: 1, state: 'serving' })
    expect(observed.of('rebuild.continued')).toMatchObject([{ generation: 1, rows: kept?.rows }])
    expect(before.rowCount).toBe(2)
    await expectEqual()
  })

  it('is continued again and again, also while it catches up', async () => {
    await cancelAfter(1)
    const stop = new AbortController()
    const late = stand.rebuild(undefined, {
      signal: stop.signal,
      onProgress: (rows, total) => rows === total && stop.abort(),
    })
    await expect(late).rejects.toMatchObject({ code: 'REBUILD_CANCELLED' })
    expect(await states()).toEqual([['1', 'built']])
    await stand.write()
    const { ranges } = stand
    expect(await resume()).toMatchObject({ number: 1 })
    expect(stand.ranges).toBe(ranges)
    await expectEqual()
  })

  it.each([
    ['the handlers', `update trifold.generations set builder_version = 2`],
    ['the definition', `update trifold.generations set definition_hash = 'another'`],
    ['the settings', `update trifold.generations set settings = '{"indexes": [["orders"]]}'`],
    [
      'what the definition reads',
      `update trifold.generations set resolution = jsonb_set(resolution, '{catalog}', '"0/0"')`,
    ],
    ['the storage', `alter table trifold.day_total__table_g1 drop column quantity`],
    ['the era', `update trifold.windows set era = 0`],
    [
      'a detached read model',
      `insert into trifold.detachments (read_model, state, attached_at) values ('day_total', 'attached', clock_timestamp())`,
    ],
  ])('begins again after a change of %s', async (_, change) => {
    await cancelAfter(2)
    await stand.pool.query(change)
    if (change.includes('windows')) await stand.driver.feed.tick({ evenIfEmpty: true })
    expect(await resume()).toMatchObject({ number: 2 })
    expect(observed.of('rebuild.continued')).toEqual([])
    expect(await states()).toEqual([
      ['1', 'dropped'],
      ['2', 'serving'],
    ])
  })

  it('copies no more once another process continues it, and leaves it to that', async () => {
    let taken: Promise<unknown> | undefined
    const materializer = stand.materializer(async () => {
      if (taken) return
      taken = stand.database.pool.query(`update trifold.generations set builder = 'another'`)
      await waitForLockWaiters(stand.pool, 1) // for the range that is being copied
    })
    const withPauses = { maxRate: 4 } // in which the one who waits has its turn
    await expect(stand.rebuild(materializer, withPauses)).rejects.toMatchObject({ code: 'LEASE_LOST' })
    await taken
    expect(await states()).toEqual([['1', 'building']])
    expect(await resume()).toMatchObject({ number: 1 })
    await expectEqual()
  })
})

it('continues what a worker has copied that was killed', async () => {
  const database = await createMarket()
  const order = { quantity: 1, productId: 1, day: '2026-01-01' }
  for (const id of orderIds) await inOneTransaction(database.pool, (client) => placeOrder(client, id, order))
  const address = { database: database.url }
  const child = new WorkerChild({ ...address, fault: 'rebuild:range-copied:kill:3' })
  const toolkit = await openToolkit(resolveConfig(marketConfig(address, { plain_order: plainOrder })))
  try {
    child.start()
    await child.ended()
    const { rows } = await database.pool.query('select count(*)::int as ranges from trifold.range_snapshots')
    expect(rows[0].ranges).toBeGreaterThanOrEqual(1)
    const observed = new Observed()
    await rebuild(toolkit, 'plain_order@table', { observe: observed.observe })
    expect(observed.of('rebuild.continued', 'rebuild.started')).toHaveLength(1)
    const worker = await (await import('../../src/worker.ts')).startWorker(toolkit)
    await expectAgreement(database.url, toolkit.targets.values()).finally(() => worker.stop())
  } finally {
    await child.kill()
    await toolkit.close()
    await database.close()
  }
})
