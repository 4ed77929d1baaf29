import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { beginNewEra } from '../../src/operator/era.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { marketConfig, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_LEASE_MS = '1500'
})

let database: TestDatabase
let toolkit: Toolkit
let worker: Worker
const observed = new Observed()

beforeEach(async () => {
  database = await createMarket()
  const models = { plain_order: { ...plainOrder, targets: { table: {} } } }
  toolkit = await openToolkit(resolveConfig(marketConfig({ database: database.url }, models)))
  worker = await startWorker(toolkit, { observe: observed.observe })
})
afterEach(async () => {
  await worker.stop()
  await toolkit.close()
  await database.close()
})

const place = (id: number) =>
  inOneTransaction(database.pool, async (client) => {
    await placeOrder(client, id, { quantity: 1, productId: 1, day: '2026-01-01' })
    return toolkit.token(client as never)
  })

it('an era that an operator begins has a running worker build what it keeps again, and refuses the tokens of before', async () => {
  await observed.when('target.leased')
  const token = await place(1)
  await toolkit.readModel('plain_order').find({ after: token, timeout: '90s' })
  observed.forget()
  expect(await beginNewEra(toolkit)).toEqual({ era: 2, before: 1 })
  await expect(toolkit.readModel('plain_order').find({ after: token })).rejects.toMatchObject({ code: 'ERA_MISMATCH' })
  await observed.when('rebuild.finished')
  expect(observed.of('rebuild.started')).toMatchObject([
    { target: 'plain_order@table', reason: 'its cursor belongs to era 1 of another history, the database is in era 2' },
  ])
  const { rows } = await toolkit.readModel('plain_order').find({ after: await place(2), timeout: '90s' })
  expect(rows).toHaveLength(2)
  await expectAgreement(database.url, toolkit.targets.values())
})
