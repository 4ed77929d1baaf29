import { afterEach, expect, it, vi } from 'vitest'
import { FeedCatchUp } from '../../src/consumer/catch-up.ts'
import { rebuild } from '../../src/operator/rebuild.ts'
import { rollback } from '../../src/operator/rollback.ts'
import { status } from '../../src/operator/status.ts'
import type { ReadModel } from '../../src/read-model.ts'
import { eventFed } from '../../src/testing/feeds.ts'
import { follow } from '../../src/worker/warm.ts'
import { startWorker } from '../../src/worker.ts'
import { expectAgreement, whenApplied } from '../support/market/agreement.ts'
import { plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { RollbackStand } from './rollback-stand.ts'

let stand: RollbackStand
let search: TestSearch | undefined
afterEach(async () => {
  vi.restoreAllMocks()
  await stand.close()
  await search?.close()
  search = undefined
})

const refused = { code: 'ROLLBACK_IMPOSSIBLE' }

describeWithSearch('an index', () => {
  const target = 'plain_order@search'
  const open = async (others: ReadModel['targets'] = {}) => {
    search = createSearch()
    stand = await RollbackStand.open({ search: plainOrder.targets.search ?? {}, ...others }, search)
  }

  /** @returns what readers of version 1 see at once, after version 2 was rolled back */
  async function shownAfterRollback({ following = true } = {}): Promise<number[]> {
    await open()
    const { before, after } = await stand.deployed()
    await stand.advance(1)
    await follow(after, eventFed(after.target(target)))
    await stand.advance(2, [1])
    if (!following) vi.spyOn(FeedCatchUp.prototype, 'wholly').mockResolvedValue(0)
    expect(await rollback(before, target)).toMatchObject([{ target, from: 2, to: 1 }])
    return stand.statuses(before, target)
  }

  it('serves again, with the rows of its own definition as they are now', async () => {
    expect(await shownAfterRollback()).toEqual([2, 1, 1])
    expect(await stand.states()).toEqual([
      [1, 'serving'],
      [2, 'retired'],
    ])
    vi.restoreAllMocks()
    const toolkit = await stand.deploy(1)
    const worker = await startWorker(toolkit)
    await stand.advance(3)
    await expectAgreement(stand.database.url, [toolkit.target(target)]).finally(() => worker.stop())
    expect((await status(toolkit)).targets[0]?.warm).toMatchObject({ number: 2 })
  })

  it('shows stale rows if it serves without what came since (mutant)', async () => {
    expect(await shownAfterRollback({ following: false })).toEqual([1, 1, 1])
  })

  it('shows nobody an error or anything older, there and back, while the application writes', async () => {
    await open()
    const toolkit = await stand.deploy(1)
    await rebuild(toolkit, target)
    const worker = await startWorker(toolkit)
    const reader = await stand.readDuring(toolkit, target, async (reads) => {
      await rebuild(toolkit, target)
      for (const to of [1, 2]) {
        await whenApplied(stand.database.url, [target])
        await reads()
        expect(await rollback(toolkit, target)).toMatchObject([{ to }])
      }
    })
    expect(reader.backwards).toEqual([])
    await expectAgreement(stand.database.url, [toolkit.target(target)]).finally(() => worker.stop())
  })

  it('that is gone does not follow, and is refused with what was done to it', async () => {
    await open()
    const { before, after } = await stand.deployed()
    await search?.client.indices.delete({ index: `${search.prefix}plain_order-g1` })
    await expect(rollback(before, target)).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(
        /generation 1 of plain_order@search cannot serve again: .*-g1 is missing; run `trifold rebuild/,
      ),
    })
    await stand.advance(1)
    const observed = new Observed()
    await follow(after, eventFed(after.target(target)), { observe: observed.observe })
    expect(observed.of('generation.cold')).toMatchObject([{ target, generation: 1 }])
    await expect(rollback(before, target)).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(/the one before stopped to, because .*-g1 is missing/),
    })
  })

  it('and a table are rolled back by the name of their read model, both or neither', async () => {
    await open({ table: {} })
    const { before } = await stand.deployed()
    const warm = (until: string) =>
      stand.database.pool.query(
        `update trifold.generations set warm_until = ${until} where state = 'retired' and target = $1`,
        [target],
      )
    await warm('now()')
    await expect(rollback(before, 'plain_order')).rejects.toMatchObject(refused)
    expect((await stand.states()).filter(([number, state]) => number === 2 && state === 'serving')).toHaveLength(2)
    await warm(`now() + interval '1 hour'`)
    expect(await rollback(before, 'plain_order')).toMatchObject([
      { target: 'plain_order@table', from: 2, to: 1 },
      { target, from: 2, to: 1 },
    ])
  })
})

it('builds a view again from the definition of before, with the rows of now', async () => {
  stand = await RollbackStand.open({ view: { every: '1h' } })
  const target = 'plain_order@view'
  const { before, after } = await stand.deployed()
  await stand.advance(5)
  await expect(rollback(after, target)).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/generation 1 .* was built from version 1 .*plain_order_v02.sql; deploy the code/),
  })
  expect(await rollback(before, 'plain_order')).toMatchObject([{ target, from: 2, to: 3, definitionOf: 1 }])
  expect(await stand.statuses(before, target)).toEqual([5, 5, 5])
})

it('shows nobody who reads a view an error or anything older meanwhile', async () => {
  stand = await RollbackStand.open({ view: { every: '1h' } })
  const target = 'plain_order@view'
  const toolkit = await stand.deploy(1)
  await rebuild(toolkit, target)
  await expect(rollback(toolkit, target)).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/no generation of plain_order@view served before/),
  })
  const reader = await stand.readDuring(toolkit, target, async () => {
    await rebuild(toolkit, target)
    expect(await rollback(toolkit, target)).toMatchObject([{ to: 3, definitionOf: 1 }])
  })
  expect(reader.backwards).toEqual([])
})
