import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { KeyNamer } from '../../src/consumer/key-namer.ts'
import { Projector } from '../../src/consumer/projector.ts'
import { rebuild } from '../../src/operator/rebuild.ts'
import { rollback } from '../../src/operator/rollback.ts'
import { status } from '../../src/operator/status.ts'
import { whileRebuilding } from '../../src/rebuild/lock.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { follow } from '../../src/worker/warm.ts'
import { startWorker } from '../../src/worker.ts'
import { expectAgreement, whenApplied } from '../support/market/agreement.ts'
import { Observed } from '../support/observed.ts'
import { until } from '../support/until.ts'
import { RollbackStand } from './rollback-stand.ts'

const target = 'plain_order@table'

let stand: RollbackStand
beforeEach(async () => {
  stand = await RollbackStand.open({ table: {} })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await stand.close()
})

/** Version 2 runs, then version 1 is rolled back to. @returns whether its rows are those of its definition */
async function isRightAfterRollback(): Promise<boolean> {
  const { before, after } = await stand.deployed()
  await stand.advance(1)
  await follow(after, eventFed(after.target(target)))
  await stand.advance(2, [1])
  expect(await rollback(before, target)).toMatchObject([{ target, from: 2, to: 1 }])
  return String(await stand.statuses(before, target)) === '2,1,1'
}

it('serves the generation before again, with the rows of its own definition', async () => {
  expect(await isRightAfterRollback()).toBe(true)
  expect(await stand.states()).toEqual([
    [1, 'serving'],
    [2, 'retired'],
  ])
  const before = await stand.deploy(1)
  const worker = await startWorker(before)
  await stand.advance(3)
  await expectAgreement(stand.database.url, [before.target(target)]).finally(() => worker.stop())
})

it('serves wrong rows if the generation before is given what the new handlers write (mutant)', async () => {
  vi.spyOn(KeyNamer.prototype, 'addChanges').mockImplementation(Projector.prototype.addChanges)
  expect(await isRightAfterRollback()).toBe(false)
})

it('shows nobody an error or anything older, there and back, while the application writes', async () => {
  const toolkit = await stand.deploy(1)
  await rebuild(toolkit, target)
  const worker = await startWorker(toolkit)
  const reader = await stand.readDuring(toolkit, target, async (reads) => {
    await rebuild(toolkit, target)
    for (let time = 0; time < 4; time++) {
      await whenApplied(stand.database.url, [target])
      await reads()
      expect(await rollback(toolkit, 'plain_order')).toMatchObject([{ to: time % 2 === 0 ? 1 : 2 }])
    }
  })
  expect(reader.backwards).toEqual([])
  await expectAgreement(stand.database.url, [toolkit.target(target)]).finally(() => worker.stop())
})

it('follows by a running worker, which says so in the status, and is dropped when its time is over', async () => {
  const toolkit = await stand.deploy(1)
  await rebuild(toolkit, target)
  await rebuild(toolkit, target)
  await stand.advance(1)
  const worker = await startWorker(toolkit)
  try {
    await until('it follows', async () => (await status(toolkit)).targets[0]?.warm?.lagMs === 0)
    expect((await status(toolkit)).targets[0]?.warm).toMatchObject({ number: 1, bytes: expect.any(Number) })
    await stand.database.pool.query(`update trifold.generations set warm_until = now() where state = 'retired'`)
    await until('it is dropped', async () => (await stand.states())[0]?.[1] === 'dropped')
  } finally {
    await worker.stop()
  }
  expect((await status(toolkit)).targets[0]?.warm).toBeUndefined()
})

const refused = { code: 'ROLLBACK_IMPOSSIBLE' }

it('refuses what has no generation before, with the next step', async () => {
  const toolkit = await stand.deploy(1, { keepWarm: 'never' })
  await rebuild(toolkit, target)
  await rebuild(toolkit, target)
  await expect(rollback(toolkit, target)).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/no generation of plain_order@table follows; run `trifold rebuild/),
  })
  expect(await stand.states()).toEqual([
    [1, 'dropped'],
    [2, 'serving'],
  ])
})

it('refuses another definition than the one that is configured', async () => {
  const { after } = await stand.deployed()
  await expect(rollback(after, target)).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/generation 1 .* was built from version 1 .*plain_order_v02.sql; deploy the code/),
  })
})

it('does not follow with a definition that no longer runs, and says why', async () => {
  const { before, after } = await stand.deployed()
  await stand.advance(1)
  await stand.database.pool.query('alter table orders rename column note to remark')
  const observed = new Observed()
  await follow(after, eventFed(after.target(target)), { observe: observed.observe })
  expect(observed.of('generation.cold')).toMatchObject([{ generation: 1, error: { code: 'DEFINITION_INVALID' } }])
  await expect(rollback(before, target)).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/stopped to, because .*note/),
  })
})

it('waits for no rebuild that runs', async () => {
  const { before } = await stand.deployed()
  await whileRebuilding(stand.database.url, target, async () => {
    await expect(rollback(before, target)).rejects.toMatchObject({ code: 'REBUILD_RUNNING' })
  })
})

it('makes no window while nothing comes', async () => {
  const { after } = await stand.deployed()
  await stand.advance(1)
  const following = () => follow(after, eventFed(after.target(target)))
  const windows = async () => (await stand.database.pool.query('select max(id) from trifold.windows')).rows
  await following()
  const before = await windows()
  await following()
  await following()
  expect(await windows()).toEqual(before)
  expect((await status(after)).targets[0]?.warm).toMatchObject({ number: 1, lagMs: 0 })
})

it('refuses what was built with other settings: workers would build it again', async () => {
  const toolkit = await stand.deploy(1, { indexes: [['day']] })
  await rebuild(toolkit, target)
  const other = await stand.deploy(1)
  await rebuild(other, target)
  await expect(rollback(other, target)).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(
      /generation 1 .* was built with other settings \(`indexes`.*deploy the configuration of before/,
    ),
  })
})
