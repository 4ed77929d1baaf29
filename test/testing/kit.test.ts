import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { createKitDatabase } from '../../src/testing/kit-database.ts'
import { openTestKit, type TestKit } from '../../src/testing.ts'
import { advanceOrder, changeImage, deleteOrder, moveOrder, placeOrder } from '../support/market/writer.ts'
import { type MarketEvents, marketConfig, marketTables, plainOrder } from '../support/market.ts'
import { openMarketKit } from './market-kit.ts'

const day = '2026-01-01'
const order = { quantity: 2, productId: 1, day }

describe('a test kit', () => {
  let kit: TestKit<MarketEvents>
  beforeAll(async () => {
    kit = await openMarketKit(undefined, ['memory', 'table'])
  })
  beforeEach(() => kit.clear())
  afterAll(() => kit?.close())

  it('runs steps in transactions and finds every target the same as its definition', async () => {
    const steps = kit.given(
      (client) => placeOrder(client, 1, order),
      (client) => moveOrder(client, 1, 2),
      (client) => changeImage(client, 2, 'new'),
      async (client) => {
        await placeOrder(client, 2, order)
        await advanceOrder(client, 2, 1)
        await deleteOrder(client, 1)
      },
    )
    await steps.expectSameAsDefinition({ pageSize: 2 })
    const row = { order_id: 2, status: 1, quantity: '2', product_id: 1n, image: 'image 1.0', price: 1 }
    await steps.expectRows('pictured_order', [row])
    await expect(steps.expectRows('pictured_order', [{ ...row, status: 7 }])).rejects.toThrow(
      /expected 7, target 1[\s\S]*OrderAdvanced of order:2 → patch status/,
    )
  })

  it('takes plain events where the rows are there already', async () => {
    const payload = { orderId: 5, quantity: 2, productId: 3, day }
    await kit
      .given(
        (client) =>
          client.query(`insert into orders values (5, 0, 2, 3, '${day}', null, null, null, '2026-01-01 12:00:00Z')`),
        {
          type: 'OrderPlaced',
          aggregate: 'order:5',
          payload: {
            ...payload,
            status: 0,
            note: null,
            labels: null,
            extra: null,
            changedAt: '2026-01-01T12:00:00Z',
            image: null,
            price: '1',
          },
        },
      )
      .expectSameAsDefinition()
  })

  it('says of a row that no event told of that it is missing, and of one that is gone that it is too many', async () => {
    await kit.given((client) => placeOrder(client, 1, order)).expectSameAsDefinition()
    const silently = kit.given((client) => client.query(`update orders set id = 2 where id = 1`))
    const error = await silently.expectSameAsDefinition({ readModels: ['plain_order'] }).catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'TARGET_DISAGREES' })
    const message = error.message.replaceAll(/ \d+ OrderPlaced/g, ' n OrderPlaced')
    expect(message).toContain(`plain_order@memory differs from its definition in 2 rows (of 1)

  order_id 2
    the definition has this row, the target lacks it
    no event touched it: was one left out, or did its handler name another key?

  order_id 1
    the definition has no such row, the target has one
    events that touched it:
      n OrderPlaced of order:1 → set  {`)
    expect(message).toMatch(/\n\nplain_order@table differs in the same rows$/)
  })

  it('compares what OpenSearch holds too, and drops its indexes in the end', async (context) => {
    if (inject('openSearchUrl') === '') return context.skip('there is no OpenSearch')
    const searching = await openMarketKit(undefined, ['search'])
    const name = nameOf(searching)
    try {
      await searching.given((client) => placeOrder(client, 1, order)).expectSameAsDefinition()
      const silently = searching.given((client) => client.query('delete from orders'))
      await expect(silently.expectSameAsDefinition()).rejects.toThrow('plain_order@search differs from its definition')
      expect(await indexes(name)).toHaveLength(3)
    } finally {
      await searching.close()
    }
    expect(await indexes(name)).toEqual([])
  })

  it('rolls a step back that throws, and says why', async () => {
    const step = kit.given(async (client) => {
      await placeOrder(client, 1, order)
      throw new Error('sold out')
    })
    await expect(step.expectSameAsDefinition()).rejects.toThrow('sold out')
    await kit.given().expectRows('plain_order', [])
  })

  it('refuses a read model that has no handlers, and a row with a column that is not there', async () => {
    await expect(kit.given().expectRows('no_such', [])).rejects.toMatchObject({ code: 'READ_MODEL_UNKNOWN' })
    await expect(kit.given().expectRows('pictured_order', [{ order_id: 1, nope: 1 }])).rejects.toThrow(/nope/)
  })
})

describe('a test kit of wrong handlers', () => {
  let kit: TestKit<MarketEvents>
  beforeAll(async () => {
    const on = {
      ...plainOrder.on,
      OrderAdvanced: () => undefined,
      OrderMoved: async () => undefined,
      OrderDeleted: () => {
        throw new Error('not thought of')
      },
    }
    kit = await openMarketKit({ plain_order: { ...plainOrder, on } as never })
  })
  beforeEach(() => kit.clear())
  afterAll(() => kit?.close())

  it('shows the columns that differ with both values, and the events that touched the row', async () => {
    const steps = kit.given(
      (client) => placeOrder(client, 1, { ...order, note: 'kept' }),
      (client) => advanceOrder(client, 1, 3),
    )
    const error = await steps.expectSameAsDefinition().catch((thrown) => thrown)
    expect(error.message).toMatch(/ {4}status {6}definition 3, target 0\n {4}changed_at {2}definition '2/)
    expect(error.message).not.toContain('note ')
    expect(error.details.disagreements[0].differences[0]).toMatchObject({
      key: { order_id: 1 },
      kind: 'different',
      events: [{ type: 'OrderPlaced', aggregate: 'order:1', operations: ['set'] }],
    })
  })

  it('passes on what a handler throws', async () => {
    const steps = kit.given(
      (client) => placeOrder(client, 1, order),
      (client) => deleteOrder(client, 1),
    )
    await expect(steps.expectSameAsDefinition()).rejects.toMatchObject({
      code: 'HANDLER_FAILED',
      message: expect.stringContaining('not thought of'),
    })
  })

  it('says of a handler that is asynchronous that it may not be', async () => {
    const steps = kit.given(
      (client) => placeOrder(client, 1, order),
      (client) => moveOrder(client, 1, 2),
    )
    await expect(steps.expectSameAsDefinition()).rejects.toThrow('a promise (handlers are synchronous)')
  })
})

describe('opening a test kit', () => {
  const server = () => inject('databaseUrl')
  const databases = async () => {
    const client = new pg.Client({ connectionString: server() })
    await client.connect()
    const { rows } = await client.query('select datname from pg_database')
    await client.end()
    return rows.map(({ datname }) => datname as string)
  }
  const config = () => marketConfig({ database: server() })

  it('makes a database of its own, copied from another one where it is told to, and drops it', async () => {
    const template = await createKitDatabase(server())
    const client = new pg.Client({ connectionString: template.url })
    await client.connect()
    await client.query(marketTables)
    await client.end()
    const kit = await openTestKit(config(), { template: template.name })
    await kit.given((client) => placeOrder(client, 1, order)).expectSameAsDefinition()
    expect(await databases()).toContain(nameOf(kit))
    await kit.close()
    await kit.close()
    expect(await databases()).not.toContain(nameOf(kit))
    await template.drop()
  })

  it('spares the sessions of its database the wait for the disk', async () => {
    const kit = await openTestKit(config(), { prepare: (client) => client.query(marketTables) })
    const sync = async (client: pg.ClientBase) => (await client.query('show synchronous_commit')).rows[0]
    try {
      await kit.connection.transaction(async (client) => {
        expect(await sync(client)).toEqual({ synchronous_commit: 'off' })
      })
    } finally {
      await kit.close()
    }
  })

  it('leaves no database behind where it fails', async () => {
    const failing = openTestKit(config(), {
      prepare: (_, url) => {
        throw new Error(new URL(url).pathname.slice(1))
      },
    })
    const name = await failing.then(
      () => '',
      (error: Error) => error.message,
    )
    expect(name).toMatch(/^trifold_test_/)
    expect(await databases()).not.toContain(name)
  })

  it('refuses a configuration without handlers', async () => {
    const prepare = (client: pg.ClientBase) => client.query(marketTables)
    const { on, ...model } = plainOrder
    const open = openTestKit(
      { ...config(), readModels: { plain_order: { ...model, targets: { view: {} } } } } as never,
      { prepare },
    )
    await expect(open).rejects.toMatchObject({ code: 'HANDLERS_MISSING' })
  })
})

const nameOf = ({ databaseUrl }: TestKit<MarketEvents>) => new URL(databaseUrl).pathname.slice(1)

async function indexes(prefix: string): Promise<string[]> {
  const response = await fetch(`${inject('openSearchUrl')}/_cat/indices/${prefix}*?h=index`)
  return (await response.text()).split('\n').filter((line) => line !== '')
}
