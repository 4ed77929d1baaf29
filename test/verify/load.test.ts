import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verify } from '../../src/operator/verify.ts'
import { fewOrMany } from '../support/long.ts'
import { failingModels } from '../support/market/failing.ts'
import { marketModels } from '../support/market.ts'
import { LoadedMarket, withView } from './loaded-market.ts'

const seed = Number(process.env.TRIFOLD_TEST_SEED ?? Date.now() % 1_000_000)
const runs = Number(process.env.TRIFOLD_TEST_RUNS ?? fewOrMany(3, 8))
/** A slow machine makes fewer runs, unless it is told how long it has. */
const enoughMs = Number(process.env.TRIFOLD_TEST_MINUTES ?? 2) * 60_000

let market: LoadedMarket
beforeAll(async () => {
  market = await LoadedMarket.open(seed, { models: withView(marketModels), writers: fewOrMany(4, 16) })
})
afterAll(() => market.close())

describe(`verify while the market is written (TRIFOLD_TEST_SEED=${seed})`, () => {
  it(`raises no alarm in up to ${runs} runs over all targets`, { timeout: enoughMs * 3 }, async () => {
    const [before, began] = [market.load.transactions, performance.now()]
    let run = 0
    do expect(await market.alarms(), `run ${run}`).toEqual([])
    while (++run < runs && performance.now() - began < enoughMs)
    const transactions = market.load.transactions - before
    if (process.env.TRIFOLD_TEST_MINUTES) expect(run).toBe(runs)
    expect(transactions).toBeGreaterThan(run)
    const rate = Math.round((transactions * 1_000) / (performance.now() - began))
    console.log(`${run} runs beside ${rate} transactions a second`)
  })

  it('finds a wrong row, and repairs it so that no later event is undone', async () => {
    const { toolkit, database } = market
    await market.catchUp()
    const table = (target: string) => `trifold.${target.replace('@', '__')}_g1`
    await database.pool.query(`insert into orders values (99, 1, 1, 1, '2026-01-01', null, null, null, now())`)
    const found = await verify(toolkit, 'plain_order@table', { repair: true })
    expect(found).toMatchObject([{ missing: 1, differences: [{ key: '99', kind: 'missing' }], repaired: 1 }])
    await database.pool.query(`update ${table('pictured_order@table')} set image = 'wrong' where order_id <> 0`)
    const repaired = await verify(toolkit, ['pictured_order', 'day_total', 'plain_order'], { repair: true })
    expect(
      repaired.map(({ repaired, missing, surplus, different }) => missing + surplus + different - repaired),
    ).toEqual(repaired.map(() => 0))
    await database.pool.query('delete from orders where id = 99')
    await verify(toolkit, [], { repair: true })
    expect(await market.alarms()).toEqual([])
  })
})

it('raises no alarm while events are parked', async () => {
  const parking = await LoadedMarket.open(seed, { models: failingModels })
  try {
    for (let run = 0; run < 2; run++) expect(await parking.alarms(), `run ${run}`).toEqual([])
  } finally {
    await parking.close()
  }
})
