import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { Projector } from '../../src/consumer/projector.ts'
import { openClient } from '../../src/database.ts'
import { TrifoldError } from '../../src/errors.ts'
import { tick } from '../../src/feed/tick.ts'
import type { FeedEvent } from '../../src/feed.ts'
import { seizeLease } from '../../src/lease.ts'
import type { EventFed } from '../../src/materializer.ts'
import type { Changes } from '../../src/net-change/operations.ts'
import { discardParked, parkedEvent, parkedEvents } from '../../src/operator/parked.ts'
import { retryParked } from '../../src/operator/retry-parked.ts'
import { status } from '../../src/operator/status.ts'
import { fold, type Operation, type ReadModel } from '../../src/read-model.ts'
import { servingGeneration } from '../../src/schema/generations.ts'
import { openToolkit, type Toolkit } from '../../src/toolkit.ts'
import { startWorker, type Worker } from '../../src/worker.ts'
import type { TestDatabase } from '../support/database.ts'
import { expectAgreement } from '../support/market/agreement.ts'
import { createMarket } from '../support/market/database.ts'
import { advanceOrder, changeQuantity, inOneTransaction, placeOrder } from '../support/market/writer.ts'
import { dayTotal, marketConfig, plainOrder } from '../support/market.ts'
import { Observed } from '../support/observed.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { until } from '../support/until.ts'

const day = '2026-01-01'

type Model = Partial<ReadModel<never>>

/** What a handler returns, as it is. */
function applied(this: Projector, handled: Parameters<Projector['recomputes']>[0]): Changes {
  const changes: Changes = { byKey: new Map(), wheres: [] }
  const inside = this as unknown as {
    add(changes: Changes, operations: Operation[], of: typeof handled): void
    operationsOf(event: FeedEvent): Operation[]
  }
  inside.add(changes, inside.operationsOf(handled.event), handled)
  return changes
}

describeWithSearch('an event that cannot be applied is parked', () => {
  let database: TestDatabase
  let search: TestSearch
  let toolkit: Toolkit | undefined
  let worker: Worker | undefined
  const observed = new Observed()

  beforeEach(async () => {
    database = await createMarket()
    search = createSearch()
    observed.forget()
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await stop()
    await search.close()
    await database.close()
  })

  const run = async (plain: Model = {}, total: Model = {}) => {
    const models = {
      plain_order: { ...plainOrder, ...plain, on: { ...plainOrder.on, ...plain.on } },
      day_total: { ...dayTotal, ...total, on: { ...dayTotal.on, ...total.on } },
    }
    const address = { database: database.url, search: search.url, indexPrefix: search.prefix }
    toolkit = await openToolkit(resolveConfig(marketConfig(address, models as never)))
    worker = await startWorker(toolkit, { observe: observed.observe })
    await observed.when('target.leased', 4)
  }
  const stop = async () => {
    await worker?.stop()
    await toolkit?.close()
    worker = toolkit = undefined
  }
  const commit = <T>(work: Parameters<typeof inOneTransaction<T>>[1]) => inOneTransaction(database.pool, work)
  const order = { quantity: 1, productId: 1, day }
  /** Events 1 to 5: the third is the one that fails. */
  const fiveEvents = () =>
    commit(async (client) => {
      await placeOrder(client, 1, order)
      await placeOrder(client, 2, order)
      await advanceOrder(client, 1, 13)
      await placeOrder(client, 3, order)
      await changeQuantity(client, 1, 7)
      return toolkit!.token(client as never)
    })
  const agree = () => expectAgreement(database.url, toolkit!.targets.values())
  const parked = async () =>
    (
      await database.pool.query(
        'select target, ordinal, code, type, aggregate, payload from trifold.parked order by target',
      )
    ).rows
  const suspects = async () =>
    (await database.pool.query('select key, reason from trifold.suspect_keys order by key')).rows
  const generations = async (target: string) =>
    (await database.pool.query('select max(number) as number from trifold.generations where target = $1', [target]))
      .rows[0].number

  it('also behind a window without events', async () => {
    const throws = () => {
      throw new Error('thirteen')
    }
    await run({ on: { OrderAdvanced: throws } as never, keysOf: () => [[1]] as never })
    await commit((client) => placeOrder(client, 1, order))
    await agree()
    await worker?.stop()
    const client = await openClient(database.url, { name: 'tick' })
    await tick(client, { evenIfEmpty: true })
    await client.end()
    await commit(async (writer) => {
      await advanceOrder(writer, 1, 13)
      await changeQuantity(writer, 1, 7)
    })
    worker = await startWorker(toolkit as Toolkit, { observe: observed.observe })
    await agree()
    expect((await parked()).map(({ ordinal }) => ordinal)).toEqual(['2', '2'])
  })

  it('by the next session if this one cannot, and meanwhile nobody is told that its target has stopped', async () => {
    const fails = () => {
      throw new Error('thirteen')
    }
    await run({ on: { OrderAdvanced: fails } as never, keysOf: () => [[1]] as never })
    await database.pool.query(`
      create table failures (failure json);
      create function note_failure() returns trigger language plpgsql as
        $$ begin insert into public.failures values (new.failure); return null; end $$;
      create trigger note_failure after update of failure on trifold.consumers
        for each row when (new.failure is not null) execute function note_failure()`)
    vi.spyOn(Projector.prototype, 'recomputes').mockImplementationOnce(() => {
      throw new TrifoldError('HANDLER_FAILED', 'consumer: not in this session', { details: { ordinal: 3 } })
    })
    await fiveEvents()
    await agree()
    expect(await parked()).toMatchObject([{ ordinal: '3' }, { ordinal: '3' }])
    expect(observed.of('target.retrying')).toMatchObject([{ error: { message: 'consumer: not in this session' } }])
    expect((await database.pool.query('select failure from public.failures')).rows).toEqual([])
  })

  it('if its handler fails and keysOf names its keys: their rows are right without it', async () => {
    await run({
      on: {
        OrderAdvanced: () => {
          throw new Error('thirteen')
        },
      } as never,
      keysOf: ({ payload }) => [[(payload as { orderId: number }).orderId]] as never,
    })
    await fiveEvents()
    await agree()
    const one = { ordinal: '3', code: 'HANDLER_FAILED', type: 'OrderAdvanced', aggregate: 'order:1' }
    expect(await parked()).toMatchObject([
      { target: 'plain_order@search', ...one, payload: { orderId: 1, status: 13 } },
      { target: 'plain_order@table', ...one },
    ])
    expect(await suspects()).toEqual([])
    expect(observed.of('event.parked')).toMatchObject([
      { type: 'OrderAdvanced', ordinal: 3, keys: 1, error: { code: 'HANDLER_FAILED' } },
      { ordinal: 3 },
    ])
    expect(await generations('plain_order@table')).toBe(1)
    await commit((client) => advanceOrder(client, 2, 14))
    await agree()
    expect(await parked()).toHaveLength(4)
  })

  it('if its handler throws or returns what nobody can show or keep, and then keysOf is asked', async () => {
    const thrower = (thrown: unknown) => () => {
      throw thrown
    }
    const odd: Record<number, () => unknown> = {
      11: thrower(Object.create(null)),
      12: thrower({
        get [Symbol.toStringTag]() {
          throw new Error('hidden')
        },
      }),
      13: thrower(new Error('a zero \0 and half \ud83d of a character')),
      14: () => null,
      15: () => 1n,
    }
    await run({
      on: { OrderAdvanced: ({ status }: { status: number }) => odd[status]?.() } as never,
      keysOf: ({ payload }) => [[(payload as { orderId: number }).orderId]] as never,
    })
    await commit(async (client) => {
      for (const id of [1, 2, 3, 4, 5]) {
        await placeOrder(client, id, order)
        await advanceOrder(client, id, 10 + id)
      }
    })
    await agree()
    const { rows } = await database.pool.query(
      `select message from trifold.parked where target = 'plain_order@table' order by ordinal`,
    )
    const reasons = rows.map(({ message }) => message.match(/\(position \d+\): (.*); correct/)?.[1])
    expect(reasons).toEqual([
      '[Object: null prototype] {}',
      'something that cannot be shown',
      'a zero \\0 and half \ufffd of a character',
      'it returned null, which is not an operation',
      'it returned 1n, which is not an operation',
    ])
    expect(await suspects()).toEqual([])
  })

  it('if the function of its fold fails: what follows counts once', async () => {
    const initial = { day, product_id: 1, orders: 0, quantity: 0 }
    await run(
      {},
      {
        on: {
          QuantityChanged: () =>
            fold([day, 1], initial as never, () => {
              throw new Error('no')
            }),
        } as never,
      },
    )
    await fiveEvents()
    await commit((client) => placeOrder(client, 4, order))
    await agree()
    expect(await parked()).toMatchObject([{ target: 'day_total@search', ordinal: '5' }, { target: 'day_total@table' }])
  })

  it('if nobody knows its keys: the target is rebuilt beside, once for several, and goes on meanwhile', async () => {
    await run({
      on: {
        OrderAdvanced: () => {
          throw new Error('thirteen')
        },
      } as never,
    })
    await fiveEvents()
    await commit((client) => advanceOrder(client, 2, 14))
    await until('both are rebuilt', async () => {
      const numbers = await Promise.all(['plain_order@table', 'plain_order@search'].map(generations))
      return numbers.every((number) => number === 2)
    })
    await observed.when('target.leased', 6)
    await agree()
    expect(observed.of('target.stopped')).toEqual([])
    const verified = observed.of('rebuild.verified').filter(({ generation }) => generation === 2)
    expect(
      verified
        .map(({ target }) => target)
        .filter((target) => target.startsWith('plain_order'))
        .sort(),
    ).toEqual(['plain_order@search', 'plain_order@table'])
    const { rows } = await database.pool.query(
      `select count(*)::integer as count
      from trifold.suspect_keys
      join trifold.generations on generations.id = generation_id
      where state = 'serving'`,
    )
    expect(rows).toEqual([{ count: 0 }])
  })

  it('if its row cannot be kept either: that key is suspect, others go on, and it is tried again', async () => {
    await run({})
    await database.pool.query('alter table trifold.plain_order__table_g1 add constraint small check (status < 13)')
    const token = await fiveEvents()
    await until('the table goes on', async () => {
      const { rows } = await toolkit!.target('plain_order@table').find({ where: { order_id: 3 } })
      return rows.length === 1
    })
    expect(await parked()).toMatchObject([{ target: 'plain_order@table', ordinal: '3', code: 'VALUE_INVALID' }])
    expect(await suspects()).toMatchObject([{ key: '1', reason: expect.stringContaining('small') }])
    const orders = toolkit!.readModel('plain_order')
    const asked = async (request: object) => ((await orders.find(request)) as { degraded?: true }).degraded
    expect(await asked({})).toBe(true)
    expect(await asked({ where: { order_id: 1 } })).toBe(true)
    expect(await asked({ where: { order_id: { in: [2] } } })).toBe(true)
    expect(await asked({ where: { order_id: 2 } })).toBeUndefined()
    expect(await asked({ from: 'search' })).toBeUndefined()
    expect(await orders.summarize({})).toMatchObject({ degraded: true })
    await expect(orders.find({ after: token, timeout: '300ms' })).rejects.toMatchObject({ code: 'WAIT_TIMEOUT' })
    await database.pool.query('alter table trifold.plain_order__table_g1 drop constraint small')
    await stop()
    await run({})
    await until('it is tried again', async () => (await suspects()).length === 0)
    const shown = await toolkit!.readModel('plain_order').find({ after: token, timeout: '90s' })
    expect(shown).not.toHaveProperty('degraded')
    await agree()
  })

  it('and is retried with the mended handler: its keys are recomputed, and nothing counts twice', async () => {
    const initial = { day, product_id: 1, orders: 0, quantity: 0 }
    const failing = {
      on: {
        QuantityChanged: () => {
          throw new Error('no')
        },
      } as never,
      keysOf: () => [[day, 2]] as never, // wrong: the row of product 1 is changed
    }
    await run({}, failing)
    await fiveEvents()
    await until('both park it', async () => (await parked()).length === 2)
    const ids = (await parkedEvents(toolkit!)).map(({ id }) => id)
    await expect(retryParked(toolkit!, ids[0] as string)).rejects.toMatchObject({ code: 'HANDLER_FAILED' })
    await expect(retryParked(toolkit!, '99')).rejects.toMatchObject({ code: 'PARKED_UNKNOWN' })
    const statusOf = async () => (await status(toolkit!)).targets.find(({ target }) => target === 'day_total@table')
    await until('status tells', async () => (await statusOf())?.reason.includes('parked') === true)
    expect(await statusOf()).toMatchObject({
      verdict: 'yellow',
      parked: { events: 1, suspectKeys: 0, allSuspect: false },
      reason: expect.stringContaining('1 event parked, 0 keys suspect: `trifold parked list --target day_total@table`'),
    })
    expect(await parkedEvent(toolkit!, ids[0] as string)).toMatchObject({
      payload: expect.stringContaining('"difference"'),
    })
    await stop()

    observed.forget()
    await run(
      {},
      {
        on: {
          QuantityChanged: () => fold([day, 1], initial as never, (row: object) => ({ ...row, orders: 50 })),
        } as never,
      },
    )
    for (const id of ids) expect(await retryParked(toolkit!, id)).toMatchObject({ id, type: 'QuantityChanged' })
    await agree()
    expect(await parked()).toEqual([])
    await expect(discardParked(toolkit!, ids[0] as string)).rejects.toMatchObject({ code: 'PARKED_UNKNOWN' })
  })

  it('and is parked on if the mended handler names no key while another is suspect whose row cannot be kept', async () => {
    await run()
    await database.pool.query('alter table trifold.plain_order__table_g1 add constraint small check (status < 13)')
    await fiveEvents()
    await until('it is parked', async () => (await suspects()).length === 1)
    await stop()
    observed.forget()
    await run({ on: { OrderAdvanced: () => undefined } as never })
    const id = (await parkedEvents(toolkit!))[0]?.id as string
    await expect(retryParked(toolkit!, id)).rejects.toMatchObject({ code: 'PARKED_FAILS' })
    expect(await suspects()).toMatchObject([{ key: '1' }])
    await database.pool.query('alter table trifold.plain_order__table_g1 drop constraint small')
    await retryParked(toolkit!, id)
    expect(await suspects()).toEqual([])
    const { rows } = await database.pool.query('select status from public.plain_order__table where order_id = 1')
    expect(rows).toEqual([{ status: 13 }])
  })

  it('but a park that does not recompute leaves a row wrong', async () => {
    vi.spyOn(Projector.prototype, 'recomputes').mockReturnValue({ byKey: new Map(), wheres: [] })
    await run({
      on: {
        OrderAdvanced: () => {
          throw new Error('thirteen')
        },
      } as never,
    })
    await fiveEvents()
    await expect(agree()).rejects.toThrow('plain_order@table')
  })

  it('but a retry that applies what the handler returns counts the event twice', async () => {
    const failing = {
      on: {
        QuantityChanged: () => {
          throw new Error('no')
        },
      } as never,
      keysOf: () => [[day, 1]] as never,
    }
    await run({}, failing)
    await fiveEvents()
    await agree()
    await stop()
    observed.forget()
    await run()
    vi.spyOn(Projector.prototype, 'recomputes').mockImplementation(applied)
    for (const { id } of await parkedEvents(toolkit!)) await retryParked(toolkit!, id)
    await expect(agree()).rejects.toThrow('day_total@table')
  })

  it('and an owner that is overtaken before it looks at its index takes that for no other history', async () => {
    await run({})
    const materializer = toolkit!.target('plain_order@search') as EventFed
    await worker?.stop()
    const [one, two] = await Promise.all([0, 1].map(() => openClient(database.url, { name: 'owner' })))
    try {
      const generation = (await servingGeneration(one!, 'plain_order@search'))!
      const overtaken = (await seizeLease(one!, generation, 'one'))!
      const next = (await seizeLease(two!, generation, 'two'))!
      expect(await materializer.begin(next, two!)).toBeUndefined()
      await expect(materializer.begin(overtaken, one!)).rejects.toMatchObject({ code: 'LEASE_LOST' })
    } finally {
      await Promise.all([one?.end(), two?.end()])
    }
    expect((await database.pool.query('select era from trifold.history')).rows).toEqual([{ era: '1' }])
  })

  it('but many of few stop the target, which names the cause', async () => {
    await run({
      on: {
        OrderPlaced: () => {
          throw new Error('none at all')
        },
      } as never,
      keysOf: ({ payload }) => [[(payload as { orderId: number }).orderId]] as never,
    })
    await commit(async (client) => {
      for (let id = 1; id <= 30; id++) await placeOrder(client, id, order)
    })
    await observed.when('target.stopped', 2)
    expect(observed.of('target.stopped')[0]?.error).toMatchObject({
      code: 'PARKED_TOO_MANY',
      message: expect.stringMatching(/20 of its last 21 events are parked, and now .*none at all/),
      details: { ordinal: 21, type: 'OrderPlaced' },
    })
    expect(await parked()).toHaveLength(40)
  })
})
