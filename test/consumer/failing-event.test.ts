import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { rebuild } from '../../src/operator/rebuild.ts'
import { fold, patch, type ReadModel } from '../../src/read-model.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { advanceOrder, changeQuantity, inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { dayTotal, marketConfig, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { until } from '../support/until.ts'

const day = '2026-01-01'

type On = NonNullable<ReadModel['on']>

describe('an event that cannot be applied, where it stops its target', () => {
  let database: TestDatabase
  let toolkit: Toolkit | undefined
  let worker: Worker | undefined
  const observed = new Observed()

  beforeEach(async () => {
    database = await createMarket()
    observed.forget()
  })
  afterEach(async () => {
    await stop()
    await database.close()
  })

  const run = async (plain: Partial<On>, day_total: Partial<On> = {}) => {
    const models = {
      plain_order: { ...plainOrder, onFailure: 'stop', on: { ...plainOrder.on, ...plain } },
      day_total: { ...dayTotal, onFailure: 'stop', on: { ...dayTotal.on, ...day_total } },
    }
    toolkit = await openToolkit(resolveConfig(marketConfig({ database: database.url }, models as never)))
    worker = await startWorker(toolkit, { observe: observed.observe })
  }
  const stop = async () => {
    await worker?.stop()
    await toolkit?.close()
    worker = toolkit = undefined
  }
  const failureOf = async (target: string) => {
    const { rows } = await database.pool.query(
      `select consumers.failure, consumers.ordinal, lease_until = '-infinity' as free
      from trifold.consumers
      join trifold.generations on generations.id = generation_id
      where target = $1 and state = 'serving'`,
      [target],
    )
    return rows[0] as { failure: Record<string, unknown> | null; ordinal: string; free: boolean } | undefined
  }
  const stopped = async (target: string) => {
    await until(`${target} stops`, async () => (await failureOf(target))?.failure != null)
    return (await failureOf(target))!
  }
  const built = () => observed.when('target.leased', 2)
  const commit = <T>(work: Parameters<typeof inOneTransaction<T>>[1]) => inOneTransaction(database.pool, work)
  /** Four events in one page; the third is the one that fails. */
  const fourEvents = () =>
    commit(async (client) => {
      await placeOrder(client, 1, { quantity: 1, productId: 1, day })
      await placeOrder(client, 2, { quantity: 1, productId: 1, day })
      await advanceOrder(client, 1, 13)
      await placeOrder(client, 3, { quantity: 1, productId: 1, day })
    })

  it('stops its target: all before it is applied, nothing is skipped, and a corrected handler goes on', async () => {
    await run({
      OrderAdvanced: () => {
        throw new Error('thirteen')
      },
    })
    await built()
    await fourEvents()
    const { failure, ordinal, free } = await stopped('plain_order@table')
    expect(failure).toMatchObject({
      code: 'HANDLER_FAILED',
      type: 'OrderAdvanced',
      ordinal: Number(ordinal) + 1,
      message: expect.stringContaining('thirteen'),
    })
    expect(free).toBe(true)
    expect((await toolkit!.target('plain_order@table').find({})).rows.map((row) => row.order_id)).toEqual([1, 2])
    expect(await observed.when('target.stopped')).toMatchObject([
      { target: 'plain_order@table', error: { code: 'HANDLER_FAILED', details: { type: 'OrderAdvanced' } } },
    ])

    const token = await commit(async (client) => {
      await changeQuantity(client, 2, 7)
      return toolkit!.token(client as never)
    })
    await expect(toolkit!.readModel('plain_order').find({ after: token })).rejects.toMatchObject({
      code: 'TARGET_STOPPED',
    })
    // The other target has gone on.
    expect((await toolkit!.readModel('day_total').find({ after: token, timeout: '90s' })).rows).toMatchObject([
      { orders: 3, quantity: 9 },
    ])
    await stop()

    await run({})
    await expectAgreement(database.url, toolkit!.targets.values())
    expect((await failureOf('plain_order@table'))?.failure).toBeNull()
  })

  it('is left behind by a rebuild, after which the running worker takes the target back', async () => {
    await run({
      OrderAdvanced: () => {
        throw new Error('thirteen')
      },
    })
    await built()
    await fourEvents()
    await stopped('plain_order@table')
    await rebuild(toolkit!, 'plain_order@table')
    await commit((client) => changeQuantity(client, 2, 7))
    await observed.when('target.leased', 3)
    await expectAgreement(database.url, toolkit!.targets.values())
    expect(observed.of('target.stopped')).toHaveLength(1)
  })

  it('is tried again if an operator resumes the target before the worker has looked at it', async () => {
    let isRight = false
    await run({
      OrderAdvanced: (event) => {
        if (!isRight) throw new Error('not yet')
        return plainOrder.on?.OrderAdvanced?.(event as never)
      },
    })
    await built()
    // As a `target resume` between the record of the failure and the worker's first look at it.
    await database.pool.query(`
      create function resume_at_once() returns trigger language plpgsql as $$ begin
        new.failure := null;
        return new;
      end $$;
      create trigger resume_at_once before update on trifold.consumers
      for each row when (new.failure is not null) execute function resume_at_once()`)
    await fourEvents()
    await observed.when('target.stopped')
    isRight = true
    await expectAgreement(database.url, toolkit!.targets.values())
  })

  it('names the column that the definition lacks', async () => {
    await run({ OrderAdvanced: () => patch([1], { colour: 'red' }) })
    await built()
    await fourEvents()
    const { failure } = await stopped('plain_order@table')
    expect(failure).toMatchObject({ code: 'HANDLER_UNKNOWN_COLUMN', message: expect.stringContaining('colour') })
    expect((await toolkit!.target('plain_order@table').find({})).rows).toHaveLength(2)
  })

  it.each(['constructor', '__proto__', 'toString'])('is not one of a type that only Object knows: %s', async (type) => {
    await run({})
    await built()
    await commit(async (client) => {
      await client.query(`insert into trifold.outbox (era, type, aggregate, payload) values (1, $1, 'x:1', '{}')`, [
        type,
      ])
      await placeOrder(client, 1, { quantity: 1, productId: 1, day })
    })
    await expectAgreement(database.url, toolkit!.targets.values())
    expect(observed.of('target.stopped')).toEqual([])
  })

  it('names the payload that does not match its schema', async () => {
    await run({})
    await built()
    await commit(async (client) => {
      await placeOrder(client, 1, { quantity: 1, productId: 1, day })
      await client.query(
        `insert into trifold.outbox (era, type, aggregate, payload)
        values (1, 'OrderAdvanced', 'order:1', '{"orderId": "one"}')`,
      )
      await placeOrder(client, 2, { quantity: 1, productId: 1, day })
    })
    const { failure } = await stopped('plain_order@table')
    expect(failure).toMatchObject({ code: 'HANDLER_FAILED', message: expect.stringContaining('orderId') })
    expect((await toolkit!.target('plain_order@table').find({})).rows).toHaveLength(1)
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('thirteen')
      },
      'thirteen',
    ],
    ['gives a row of another key', (row: object) => ({ ...row, product_id: 3 }), 'key'],
    ['gives a value of another type', (row: object) => ({ ...row, quantity: 'many' }), 'quantity'],
  ] as const)('stops at a fold that %s, after all events before it', async (_, next, reason) => {
    const initial = { day, product_id: 1, orders: 0, quantity: 0 }
    await run({}, { OrderAdvanced: () => fold([day, 1], initial, next as never) })
    await built()
    await fourEvents()
    const { failure, ordinal } = await stopped('day_total@table')
    expect(failure).toMatchObject({
      code: 'HANDLER_FAILED',
      type: 'OrderAdvanced',
      ordinal: Number(ordinal) + 1,
      message: expect.stringContaining(reason),
    })
    expect((await toolkit!.target('day_total@table').find({})).rows).toMatchObject([{ orders: 2 }])
    await stop()
    await run({})
    await expectAgreement(database.url, toolkit!.targets.values())
  })
})
