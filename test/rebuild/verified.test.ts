import { afterEach, expect, it, vi } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import type { EventFed } from '../../src/materializer.ts'
import { documentId } from '../../src/materializers/search/write.ts'
import { type RebuildOptions, rebuildOpened } from '../../src/operator/rebuild.ts'
import type { Generation } from '../../src/schema/generations.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { spoiledBy as spoiled, spoilWrites } from './spoiled.ts'
import { WrittenBetween } from './written-between.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_RANGE_ROWS = '2'
})

const seed = Number(process.env.TRIFOLD_SEED ?? Math.floor(Math.random() * 1e6))
const title = `(TRIFOLD_SEED=${seed})`

let stand: WrittenBetween
let toolkit: Toolkit
let search: TestSearch | undefined
let observed: Observed
/** An order that no writer changes. */
const untouched = 99

const open = async () => {
  stand = await WrittenBetween.open('plain_order', seed, search)
  const order = { quantity: 1, productId: 1, day: '2026-01-01' }
  await inOneTransaction(stand.database.pool, (client) => placeOrder(client, untouched, order))
  toolkit = await openToolkit(
    resolveConfig(marketConfig({ database: stand.database.url }, { plain_order: plainOrder })),
  )
  observed = new Observed()
}
afterEach(async () => {
  await toolkit?.close()
  await stand?.close()
  await search?.close()
  search = undefined
})

/** Rows change behind each range, too. */
const spoiledBy = (spoil: Parameters<typeof spoiled>[1]): EventFed => spoiled(stand.materializer(), spoil)

const rebuild = (materializer: EventFed, options: RebuildOptions = {}) =>
  rebuildOpened(toolkit, materializer, { observe: observed.observe, ...options })

const wrongQuantity = ({ storage }: Pick<Generation, 'storage'>) =>
  stand.pool.query(`update trifold.${storage} set quantity = quantity + 100 where order_id = ${untouched}`)

it(`repairs a wrong value of a copy before readers see it, while rows change ${title}`, async () => {
  await open()
  await rebuild(spoiledBy(wrongQuantity))
  expect(observed.of('rebuild.repaired')).toMatchObject([{ generation: 1, differences: 1 }])
  expect(observed.of('rebuild.verifying').length).toBeGreaterThan(1)
  expect(observed.of('rebuild.verified')).toMatchObject([{ generation: 1 }])
  const { found, expected } = await stand.rows()
  expect(found).toEqual(expected)
})

it(`serves a wrong value without the comparison (mutant) ${title}`, async () => {
  await open()
  await rebuild(spoiledBy(wrongQuantity), { verify: false })
  expect(observed.of('rebuild.verifying')).toEqual([])
  const { found, expected } = await stand.rows()
  expect(found).not.toEqual(expected)
})

it(`finds nothing to repair in a sound copy ${title}`, async () => {
  await open()
  await rebuild(stand.materializer())
  expect(observed.of('rebuild.repaired')).toEqual([])
  expect(observed.of('rebuild.verified')).toHaveLength(1)
})

it('refuses to serve what a repair does not put right, and drops it', async () => {
  await open()
  const spoiling = spoiledBy(async ({ storage }) => {
    await spoilWrites(stand.pool, { storage })
    await wrongQuantity({ storage })
  })
  const refused = rebuild(spoiling)
  await expect(refused).rejects.toMatchObject({
    code: 'REBUILD_DIFFERS',
    message: expect.stringMatching(/generation 1 of plain_order@table: \d+ of its rows still differ.*in quantity/s),
  })
  const { rows } = await stand.pool.query('select state, failure from trifold.generations')
  expect(rows).toMatchObject([{ state: 'dropped' }])
})

describeWithSearch('an index', () => {
  it(`is repaired too ${title}`, async () => {
    search = createSearch()
    await open()
    const { client } = search
    await rebuild(
      spoiledBy(({ storage }) =>
        client.update({
          index: storage,
          id: documentId(String(untouched)),
          body: { doc: { quantity: 100 } },
          refresh: true,
        }),
      ),
    )
    expect(observed.of('rebuild.repaired')).toMatchObject([{ generation: 1, differences: 1 }])
    const { found, expected } = await stand.rows()
    expect(found).toEqual(expected)
  })
})
