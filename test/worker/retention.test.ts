import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { openClient } from '../../src/database.ts'
import { pruneWindows } from '../../src/feed/prune.ts'
import { tick } from '../../src/feed/tick.ts'
import { status } from '../../src/operator/status.ts'
import { ensurePartitions } from '../../src/outbox/partitions.ts'
import { applyRetention } from '../../src/outbox/retention.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement, whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { changeQuantity, inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { until } from '../support/until.ts'

const target = 'day_total@table'

describe('a target that keeps more events than the cap of the outbox allows', () => {
  let database: TestDatabase
  let toolkit: Toolkit
  let worker: Worker | undefined
  const observed = new Observed()

  beforeEach(async () => {
    database = await createMarket()
    toolkit = await openToolkit(resolveConfig(marketConfig({ database: database.url })))
    observed.forget()
    await start()
    await commit((client) => placeOrder(client, 1, { quantity: 2, productId: 1, day: '2026-01-01' }))
    await whenApplied(database.url, toolkit.targetNames)
    await worker?.stop()
    for (const quantity of [3, 4, 5]) await commit((client) => changeQuantity(client, 1, quantity))
  })
  afterEach(async () => {
    await worker?.stop()
    await toolkit.close()
    await database.close()
  })

  const start = async () => {
    worker = await startWorker(toolkit, { observe: observed.observe })
  }
  const commit = <T>(work: Parameters<typeof inOneTransaction<T>>[1]) => inOneTransaction(database.pool, work)

  /** Closes the partition that holds the events, writes one into the next, and drops what it may. */
  const dropEvents = async (cap: number) => {
    const client = await openClient(database.url, { name: 'maintenance' })
    const prune = () => pruneWindows(client, { keepMilliseconds: 0 })
    const look = (partitionBytes: number) =>
      applyRetention(client, { retain: 1_000_000, partitionBytes, cap, isConfigured: () => true }, prune)
    try {
      await ensurePartitions(client)
      expect((await look(1)).closed).toBe('outbox_p0')
      await commit((writer) => changeQuantity(writer, 1, 6))
      await tick(client)
      return await look(2 ** 40)
    } finally {
      await client.end()
    }
  }

  it('is cut off, red, and rebuilt by the next worker', async () => {
    const { cutOff, dropped } = await dropEvents(1)
    expect(cutOff.map((one) => one.target)).toContain(target)
    expect(dropped).toHaveLength(1)
    const shown = (await status(toolkit)).targets.find((one) => one.target === target)
    expect(shown).toMatchObject({ verdict: 'red', reason: expect.stringContaining('it was cut off') })
    await start()
    await observed.when('rebuild.started', 3 + 3)
    await expectAgreement(database.url, toolkit.targets.values())
    expect(observed.of('rebuild.started').at(-1)?.reason).toContain('the outbox dropped events')
    const isGreen = async () =>
      (await status(toolkit)).targets.find((one) => one.target === target)?.verdict === 'green'
    await until('its worker keeps it', isGreen) // it shows every event from its build on
  })

  it('keeps them below the cap, however old they are', async () => {
    expect(await dropEvents(2 ** 40)).toEqual({ closed: undefined, cutOff: [], dropped: [] })
    await start()
    await expectAgreement(database.url, toolkit.targets.values())
    expect(observed.of('rebuild.started')).toHaveLength(3)
  })

  it('stops, and skips nothing, if its events were deleted by hand', async () => {
    await dropEvents(2 ** 40)
    await database.pool.query('delete from trifold.outbox where position < 20000001')
    await start()
    const stopped = await observed.when('target.stopped', 3)
    expect(new Set(stopped.map(({ error }) => error.code))).toEqual(new Set(['FEED_INCOMPLETE']))
  })
})
