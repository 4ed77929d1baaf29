import { afterAll, beforeAll, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { status } from '../../src/operator/status.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { whenApplied } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { marketConfig, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { until } from '../support/until.ts'

const target = 'plain_order@table'
const orders = 50_000

let database: TestDatabase
let toolkit: Toolkit
let worker: Worker
const observed = new Observed()
beforeAll(async () => {
  database = await createMarket()
  await database.pool.query(
    `insert into orders select id, 1, 1, 1, '2026-01-01', null, null, null, now() from generate_series(1, $1::integer) as id`,
    [orders],
  )
  const config = {
    ...marketConfig({ database: database.url }, { plain_order: plainOrder }),
    verify: { budget: 0.5, repair: true },
  }
  toolkit = await openToolkit(resolveConfig(config))
  worker = await startWorker(toolkit, { observe: observed.observe })
  await whenApplied(database.url, [target])
})
afterAll(async () => {
  await worker.stop()
  await toolkit.close()
  await database.close()
})

const runs = async () =>
  (
    await database.pool.query(
      `select after_key, up_to_key, row_count::integer as rows, differences::integer, repaired::integer
      from trifold.verifications
      where cause = 'continuous'
      order by id`,
    )
  ).rows

it('goes through all keys range by range, and begins again', async () => {
  await until('a round is over', async () => (await runs()).filter((run) => run.up_to_key === null).length >= 2)
  const [first, ...rest] = await runs()
  expect(first.after_key).toBeNull()
  for (const [place, run] of rest.entries()) expect(run.after_key).toEqual([first, ...rest][place].up_to_key)
  const end = [first, ...rest].findIndex((run) => run.up_to_key === null)
  expect([first, ...rest].slice(0, end + 1).reduce((rows, run) => rows + run.rows, 0)).toBe(orders)
})

it('says in the status how much was compared, and when', async () => {
  const [table] = (await status(toolkit)).targets
  expect(table).toMatchObject({ verdict: 'green', verified: { share: 1, differing: 0, repaired: 0 } })
  expect(Date.parse(table?.verified?.at ?? '')).toBeGreaterThan(Date.now() - 120_000)
})

it('repairs what differs, and says so', async () => {
  await database.pool.query(`update trifold.plain_order__table_g1 set quantity = 77 where order_id = 40000`)
  const [seen] = await observed.when('verify.differs')
  expect(seen).toMatchObject({ target, differences: 1, repaired: 1, examples: ['40000'] })
  const { rows } = await database.pool.query('select quantity from plain_order where order_id = 40000')
  expect(rows).toEqual([{ quantity: 1 }])
  await until('the round after the repair', async () => (await runs()).at(-1)?.differences === 0)
})
