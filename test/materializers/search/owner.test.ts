import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { resolveConfig } from '../../../src/config.ts'
import { hasForm } from '../../../src/materializers/search/index-admin.ts'
import type { IndexState } from '../../../src/materializers/search/index-state.ts'
import { readState, writeState } from '../../../src/materializers/search/state-document.ts'
import { adoptTarget } from '../../../src/operator/adopt.ts'
import { removeTarget } from '../../../src/operator/remove-target.ts'
import { status } from '../../../src/operator/status.ts'
import { openToolkit, type Toolkit } from '../../../src/toolkit.ts'
import { startWorker, type Worker } from '../../../src/worker.ts'
import type { TestDatabase } from '../../support/database.ts'
import { expectAgreement } from '../../support/market/agreement.ts'
import { createMarket } from '../../support/market/database.ts'
import { inOneTransaction, placeOrder } from '../../support/market/writer.ts'
import { marketConfig, plainOrder } from '../../support/market.ts'
import { Observed } from '../../support/observed.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../../support/search.ts'
import { until } from '../../support/until.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_LEASE_MS = '1500'
})

// The wrong variant: nobody looks at the owners.
const mutant = vi.hoisted(() => ({ ownersIgnored: false }))

vi.mock('../../../src/materializers/search/owner.ts', async (original) => {
  const right = await original<typeof import('../../../src/materializers/search/owner.ts')>()
  return {
    ...right,
    refuseForeignIndexes: async (...args: Parameters<typeof right.refuseForeignIndexes>) =>
      mutant.ownersIgnored ? undefined : right.refuseForeignIndexes(...args),
  }
})

const target = 'plain_order@search'
const refused = { code: 'INDEX_OWNED' }

/** A database with a worker of its own, and the index that all of them share by mistake. */
class Side {
  readonly database: TestDatabase
  readonly observed = new Observed()
  toolkit!: Toolkit
  private worker: Worker | undefined

  private constructor(database: TestDatabase) {
    this.database = database
  }

  static async open(search: TestSearch): Promise<Side> {
    const side = new Side(await createMarket())
    const models = { plain_order: { ...plainOrder, targets: { search: { indexRefresh: '20ms' as const }, table: {} } } }
    const address = { database: side.database.url, search: search.url, indexPrefix: search.prefix }
    side.toolkit = await openToolkit(resolveConfig(marketConfig(address, models)))
    return side
  }

  async work(): Promise<void> {
    this.worker = await startWorker(this.toolkit, { observe: this.observed.observe, targets: [target] })
  }

  async rest(): Promise<void> {
    await this.worker?.stop()
    this.worker = undefined
    this.observed.forget()
  }

  place(id: number): Promise<unknown> {
    const order = { quantity: 1, productId: 1, day: '2026-01-01' }
    return inOneTransaction(this.database.pool, (client) => placeOrder(client, id, order))
  }

  agrees(): Promise<void> {
    return expectAgreement(this.database.url, [this.toolkit.target(target)])
  }

  async search(): Promise<{ verdict: string; reason: string }> {
    const { targets } = await status(this.toolkit)
    return targets.find((one) => one.target === target)!
  }

  read(): Promise<unknown> {
    return this.toolkit.readModel('plain_order').find({ from: 'search' })
  }

  async whenRefused(): Promise<void> {
    await until('it is refused', () =>
      this.observed.of('target.retrying').some(({ error }) => error.code === refused.code),
    )
  }

  async close(): Promise<void> {
    await this.worker?.stop()
    await this.toolkit.close()
    await this.database.close()
  }
}

describeWithSearch('an index that names its owner', () => {
  let search: TestSearch
  let first: Side
  const sides: Side[] = []

  beforeEach(async () => {
    search = createSearch()
    first = await another()
    await first.work()
    await first.place(1)
    await first.agrees()
  })
  afterEach(async () => {
    for (const side of sides.splice(0)) await side.close()
    await search.close()
  })

  const another = async () => {
    const side = await Side.open(search)
    sides.push(side)
    return side
  }
  const index = (number: number) => `${search.prefix}plain_order-g${number}`
  const exists = async (number: number) => (await search.client.indices.exists({ index: index(number) })).body
  const shown = async () =>
    Object.keys((await search.client.indices.getAlias({ name: `${search.prefix}plain_order` })).body)
  const stateOf = async (number: number) => {
    const read = await readState<IndexState>(search.client, index(number))
    if (read.status !== 'found') throw new Error(read.status)
    return read
  }
  const setOwner = async (owner: Partial<IndexState['owner']> | undefined) => {
    const read = await stateOf(1)
    const before = read.state.owner as object
    const state = { ...read.state, owner: owner && { ...before, ...owner } } as IndexState
    expect(await writeState(search.client, index(1), state, read)).not.toBe('conflict')
  }

  it('stays of the form in which it was built when another database adopts it', async () => {
    const second = await another()
    await search.client.indices.putMapping({ index: index(1), body: { _meta: { form: 1 } } })
    expect(await adoptTarget(second.toolkit, target)).toEqual({ target, indexes: [index(1)] })
    expect(await hasForm(search.client, index(1))).toBe(false)
  })

  it('is left alone by another database of the same prefix until that one adopts it, and then by this one', async () => {
    const second = await another()
    await second.place(7)
    await second.work()
    await second.whenRefused()
    expect(await second.search()).toMatchObject({
      verdict: 'red',
      reason: expect.stringMatching(
        /belongs to database \d+ of cluster \d+, .*run `trifold target adopt plain_order@search`/,
      ),
    })
    await expect(second.read()).rejects.toMatchObject(refused)
    await first.place(2)
    await first.agrees()
    expect(await shown()).toEqual([index(1)])
    expect(first.observed.of('rebuild.started')).toHaveLength(1)

    expect(await adoptTarget(second.toolkit, target)).toEqual({ target, indexes: [index(1)] })
    expect(await hasForm(search.client, index(1))).toBe(true)
    await second.observed.when('target.leased')
    await second.agrees()
    await first.place(3)
    await first.whenRefused()
    expect(await first.search()).toMatchObject({ verdict: 'red', reason: expect.stringContaining('adopt') })
    await second.place(8)
    await second.agrees()
    expect(await shown()).toEqual([index(2)])
    await until('the reads of the first are refused', () =>
      first.read().then(
        () => false,
        ({ code }) => code === refused.code,
      ),
    )

    await first.rest()
    await removeTarget(first.toolkit, target)
    expect([await exists(1), await exists(2)]).toEqual([true, true])
    await second.agrees()
    await expect(adoptTarget(second.toolkit, 'plain_order@table')).rejects.toMatchObject({ code: 'TARGET_UNOWNED' })
  })

  it('is taken by each of two databases from the other if nobody looks at the owner', async () => {
    mutant.ownersIgnored = true
    try {
      const second = await another()
      await second.work()
      await until('the second has taken the alias', async () => (await shown()).includes(index(2)))
      await until('the first has taken it back', async () => (await shown()).includes(index(1)))
    } finally {
      mutant.ownersIgnored = false
    }
  })

  it('is refused to a server on an earlier timeline of the same database, and goes to one on a later', async () => {
    await first.rest()
    const { owner } = (await stateOf(1)).state
    await setOwner({ timeline: '000000FF' })
    await first.work()
    await first.whenRefused()
    expect(await first.search()).toMatchObject({
      verdict: 'red',
      reason: expect.stringMatching(/belongs to timeline 000000FF of this database, .* another was promoted since/),
    })
    await first.rest()
    await setOwner({ timeline: '00000000' })
    await first.work()
    await first.place(2)
    await first.agrees()
    expect((await stateOf(1)).state.owner).toEqual(owner)
  })

  it("becomes its consumer's if the version before, which named none, has built it", async () => {
    await first.rest()
    const { owner } = (await stateOf(1)).state
    await setOwner(undefined)
    await first.work()
    await first.observed.when('target.leased')
    expect((await stateOf(1)).state.owner).toEqual(owner)
    expect(await shown()).toEqual([index(1)])
  })
})
