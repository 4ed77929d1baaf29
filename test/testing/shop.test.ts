import type { EntityManager } from '@mikro-orm/postgresql'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ShopCommands } from '../../examples/shop/commands.ts'
import type { ShopEvents } from '../../examples/shop/events.ts'
import { ShopError } from '../../examples/shop/shop.ts'
import config from '../../examples/shop/trifold.config.ts'
import { type Command, expectAlwaysSameAsDefinition } from '../../src/testing.ts'
import { fewOrMany } from '../support/long.ts'
import { openShopKit, type ShopKit, within } from './shop-kit.ts'

const runs = Number(process.env.TRIFOLD_HISTORIES ?? fewOrMany(4, 8))

type ShopCommand = Command<ShopEvents, EntityManager>

/** What the shop refuses by its rules has not happened; the transaction goes on. */
function ask(name: string, run: (shop: ShopCommands) => Promise<unknown>): ShopCommand {
  return {
    name,
    run: async (em) => {
      try {
        await run(within(em))
      } catch (error) {
        if (!(error instanceof ShopError)) throw error
      }
    },
  }
}

const id = fc.integer({ min: 1, max: 3 })
const two = fc.integer({ min: 1, max: 2 })
const now = fc.constantFrom('2026-03-01T23:59:59.999Z', '2026-03-02T00:00:00.000Z').map((text) => new Date(text))
const placing = fc.tuple(two, two, two)

const commands: readonly fc.Arbitrary<ShopCommand>[] = [
  placing.map(([customerId, productId, quantity]) =>
    ask(`place an order of customer ${customerId}: ${quantity} of product ${productId}`, (shop) =>
      shop.placeOrder({ customerId, lines: [{ productId, quantity }] }),
    ),
  ),
  fc
    .tuple(id, two)
    .map(([order, productId]) =>
      ask(`add product ${productId} to order ${order}`, (shop) => shop.addLine(order, { productId, quantity: 1 })),
    ),
  fc
    .tuple(id, two)
    .map(([order, quantity]) =>
      ask(`have ${quantity} in line 1 of order ${order}`, (shop) => shop.changeQuantity(order, 1, quantity)),
    ),
  fc
    .tuple(id, now)
    .map(([order, at]) => ask(`confirm order ${order} at ${at.toISOString()}`, (shop) => shop.confirmOrder(order, at))),
  id.map((order) => ask(`pay order ${order}`, (shop) => shop.payOrder(order))),
  id.map((order) => ask(`cancel order ${order}`, (shop) => shop.cancelOrder(order))),
  id.map((order) => ask(`delete order ${order}`, (shop) => shop.deleteOrder(order))),
  fc
    .tuple(two, fc.integer({ min: 1, max: 9 }))
    .map(([product, price]) =>
      ask(`price product ${product} at ${price}`, (shop) => shop.changeProductPrice(product, price)),
    ),
  fc
    .tuple(two, fc.constantFrom(null, 'Light'))
    .map(([product, category]) =>
      ask(`sort product ${product} into ${category}`, (shop) =>
        shop.describeProduct(product, { category, description: 'It is new' }),
      ),
    ),
]

describe('the read models of the shop, changed through its ORM', () => {
  let kit: ShopKit
  beforeAll(async () => {
    kit = await openShopKit(config, ['memory', 'table'])
  })
  beforeEach(() => kit.clear())
  afterAll(() => kit?.close())

  it('equal their definitions after the life of an order', async () => {
    await kit
      .given(
        (em) => within(em).placeOrder({ customerId: 1, lines: [{ productId: 1, quantity: 2 }] }),
        (em) => within(em).addLine(1, { productId: 2, quantity: 1 }),
        (em) => within(em).confirmOrder(1),
        (em) => within(em).payOrder(1),
        (em) => within(em).cancelOrder(1),
      )
      .expectSameAsDefinition()
  })

  it('equal their definitions after every history', async () => {
    const tally = await expectAlwaysSameAsDefinition(kit, { commands, runs })
    expect(tally.committed).toBeGreaterThan(runs)
  })
})
