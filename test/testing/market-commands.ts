import fc from 'fast-check'
import type pg from 'pg'
import type { Command } from '../../src/testing.ts'
import {
  advanceOrder,
  changeImage,
  changeQuantity,
  days,
  deleteOrder,
  moveOrder,
  type NewOrder,
  placeOrder,
} from '../support/market/writer.ts'
import type { MarketEvents } from '../support/market.ts'

type MarketCommand = Command<MarketEvents, pg.PoolClient>

const id = fc.integer({ min: 1, max: 4 })
const quantity = fc.integer({ min: 1, max: 6 })
const productId = fc.constantFrom(1, 2)

const newOrder: fc.Arbitrary<NewOrder> = fc.record({
  quantity,
  productId,
  day: fc.constantFrom(...days),
  note: fc.constantFrom(null, 'note "1" \\ ünïcode'),
  labels: fc.constantFrom(null, ['a,b', 'c"d']),
  extra: fc.constantFrom(null, { z: 1, a: [1, { y: null, b: true }] }),
})

const placing: fc.Arbitrary<MarketCommand> = fc.tuple(id, newOrder).map(([id, order]) => ({
  name: `place order ${id}: ${order.quantity} of product ${order.productId} on ${order.day}`,
  run: async (client) => {
    if (!(await locked(client, id))) await placeOrder(client, id, order)
  },
}))

/** What the market can be asked to do, on few orders and products. Nothing is refused: a command without its order does nothing. */
export const marketCommands: readonly fc.Arbitrary<MarketCommand>[] = [
  placing,
  placing, // so that the others find an order
  onOrder(fc.integer({ min: 1, max: 4 }), (status) => `advance to status ${status}`, advanceOrder),
  onOrder(quantity, (changed) => `change the quantity to ${changed}`, changeQuantity),
  onOrder(productId, (product) => `move to product ${product}`, moveOrder),
  onOrder(fc.constant(undefined), () => 'delete', deleteOrder),
  fc.tuple(productId, fc.constantFrom(null, 'new', 'newer')).map(([product, image]) => ({
    name: `change the image of product ${product} to ${image}`,
    run: (client) => changeImage(client, product, image),
  })),
]

function onOrder<T>(
  argument: fc.Arbitrary<T>,
  shown: (argument: T) => string,
  run: (client: pg.PoolClient, id: number, argument: T) => Promise<void>,
): fc.Arbitrary<MarketCommand> {
  return fc.tuple(id, argument).map(([id, given]) => ({
    name: `order ${id}: ${shown(given)}`,
    run: async (client) => {
      if (await locked(client, id)) await run(client, id, given)
    },
  }))
}

/** Locks an order, whether it is there or not. Returns whether it is. */
async function locked(client: pg.PoolClient, id: number): Promise<boolean> {
  await client.query('select pg_advisory_xact_lock($1)', [id])
  const { rowCount } = await client.query('select from orders where id = $1', [id])
  return rowCount === 1
}
