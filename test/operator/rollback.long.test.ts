import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { KeyNamer } from '../../src/consumer/key-namer.ts'
import { Projector } from '../../src/consumer/projector.ts'
import { rebuild } from '../../src/operator/rebuild.ts'
import { rollback } from '../../src/operator/rollback.ts'
import { status } from '../../src/operator/status.ts'
import { patch } from '../../src/read-model.ts'
import { whileRebuilding } from '../../src/rebuild/lock.ts'
import type { Span } from '../../src/span.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { follow } from '../../src/worker/warm.ts'
import { startWorker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement, whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { orders, placeOrders, StepReader, writeSteps } from '../support/market/steps.ts'
import { advanceOrder, inOneTransaction } from '../support/market/writer.ts'
import { marketConfig, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { until } from '../support/until.ts'

const target = 'plain_order@table'
const first = readFileSync(new URL('../support/market/views/plain_order_v01.sql', import.meta.url), 'utf8')

/** The second version turns the sign of the status. */
const turned = {
  ...plainOrder,
  version: 2,
  on: {
    ...plainOrder.on,
    OrderAdvanced: (event: { orderId: number; status: number; changedAt: string }) =>
      patch([event.orderId], { status: -event.status, changed_at: event.changedAt }),
  },
}
const second = first.replace('orders.status,', '-orders.status as status,')

let database: TestDatabase
let folders: string[]
let opened: Toolkit[]
beforeEach(async () => {
  folders = []
  opened = []
  database = await createMarket()
  await placeOrders(database, 1_020)
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const toolkit of opened) await toolkit.close()
  for (const folder of folders) rmSync(folder, { recursive: true })
  await database.close()
})

/** The code of a version, with its definitions. */
async function deploy(version: 1 | 2, keepWarm: Span | 'never' = '1h'): Promise<Toolkit> {
  const folder = mkdtempSync(join(tmpdir(), 'trifold-rollback-'))
  folders.push(folder)
  writeFileSync(join(folder, 'plain_order_v01.sql'), first)
  if (version === 2) writeFileSync(join(folder, 'plain_order_v02.sql'), second)
  const models = { plain_order: (version === 1 ? plainOrder : turned) as typeof plainOrder }
  const config = {
    ...marketConfig({ database: database.url }, models),
    views: folder,
    ...(keepWarm !== 'never' && { keepWarm }),
  }
  const toolkit = await openToolkit(resolveConfig(config))
  opened.push(toolkit)
  return toolkit
}

const advance = (step: number, ids = orders) =>
  inOneTransaction(database.pool, async (client) => {
    for (const id of ids) await advanceOrder(client, id, step)
  })

const statesOf = async () =>
  (await database.pool.query('select number::int, state from trifold.generations order by number')).rows.map(
    Object.values,
  )

/** Version 2 has taken the place of version 1, which follows. */
async function deployed(): Promise<{ before: Toolkit; after: Toolkit }> {
  const before = await deploy(1)
  await rebuild(before, target)
  const after = await deploy(2)
  await rebuild(after, target)
  return { before, after }
}

/** Version 2 runs, then version 1 is rolled back to. @returns whether its rows are those of its definition */
async function isRightAfterRollback(): Promise<boolean> {
  const { before, after } = await deployed()
  await advance(1)
  await follow(after, eventFed(after.target(target)))
  await advance(2, [1])
  expect(await rollback(before, target)).toMatchObject({ target, from: 2, to: 1 })
  const { rows } = await before.target(target).find({ where: { order_id: { in: orders } } })
  return rows.every(({ order_id, status }) => status === (Number(order_id) === 1 ? 2 : 1))
}

it('serves the generation before again, with the rows of its own definition', async () => {
  expect(await isRightAfterRollback()).toBe(true)
  expect(await statesOf()).toEqual([
    [1, 'serving'],
    [2, 'retired'],
  ])
  const [before] = opened as [Toolkit]
  const worker = await startWorker(before)
  await advance(3)
  await expectAgreement(database.url, [before.target(target)]).finally(() => worker.stop())
})

it('serves wrong rows if the generation before is given what the new handlers write (mutant)', async () => {
  vi.spyOn(KeyNamer.prototype, 'addChanges').mockImplementation(Projector.prototype.addChanges)
  expect(await isRightAfterRollback()).toBe(false)
})

it('shows nobody an error or anything older, there and back, while the application writes', async () => {
  const toolkit = await deploy(1)
  await rebuild(toolkit, target)
  const worker = await startWorker(toolkit)
  const steps = writeSteps(database)
  const reader = new StepReader((request) => toolkit.target(target).find(request))
  try {
    await rebuild(toolkit, target)
    for (let time = 0; time < 4; time++) {
      await whenApplied(database.url, [target])
      await reader.readsOn()
      expect(await rollback(toolkit, 'plain_order')).toMatchObject({ to: time % 2 === 0 ? 1 : 2 })
    }
    await reader.readsOn()
  } finally {
    await steps.stop()
    await reader.stop()
  }
  expect(reader.backwards).toEqual([])
  await expectAgreement(database.url, [toolkit.target(target)]).finally(() => worker.stop())
})

it('follows by a running worker, which says so in the status, and is dropped when its time is over', async () => {
  const toolkit = await deploy(1)
  await rebuild(toolkit, target)
  await rebuild(toolkit, target)
  await advance(1)
  const worker = await startWorker(toolkit)
  try {
    await until('it follows', async () => (await status(toolkit)).targets[0]?.warm?.lagMs === 0)
    expect((await status(toolkit)).targets[0]?.warm).toMatchObject({ number: 1, bytes: expect.any(Number) })
    await database.pool.query(`update trifold.generations set warm_until = now() where state = 'retired'`)
    await until('it is dropped', async () => (await statesOf())[0]?.[1] === 'dropped')
  } finally {
    await worker.stop()
  }
  expect((await status(toolkit)).targets[0]?.warm).toBeUndefined()
})

const refused = { code: 'ROLLBACK_IMPOSSIBLE' }

it('refuses what has no generation before, with the next step', async () => {
  const toolkit = await deploy(1, 'never')
  await rebuild(toolkit, target)
  await rebuild(toolkit, target)
  await expect(rollback(toolkit, target)).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/no generation of plain_order@table follows; run `trifold rebuild/),
  })
  expect(await statesOf()).toEqual([
    [1, 'dropped'],
    [2, 'serving'],
  ])
})

it('refuses another definition than the one that is configured', async () => {
  const { after } = await deployed()
  await expect(rollback(after, target)).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/generation 1 .* was built from version 1 .*plain_order_v02.sql; deploy the code/),
  })
})

it('does not follow with a definition that no longer runs, and says why', async () => {
  const { before, after } = await deployed()
  await database.pool.query('alter table orders rename column note to remark')
  const observed = new Observed()
  await follow(after, eventFed(after.target(target)), { observe: observed.observe })
  expect(observed.of('generation.cold')).toMatchObject([{ generation: 1, error: { code: 'DEFINITION_INVALID' } }])
  await expect(rollback(before, target)).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/stopped to, because .*note/),
  })
})

it('waits for no rebuild that runs', async () => {
  const { before } = await deployed()
  await whileRebuilding(database.url, target, async () => {
    await expect(rollback(before, target)).rejects.toMatchObject({ code: 'REBUILD_RUNNING' })
  })
})
