import type { Row } from '../../src/encoding.ts'
import {
  fold,
  type Operation,
  patch,
  type ReadModel,
  recompute,
  recomputeWhere,
  remove,
  set,
} from '../../src/read-model.ts'
import type { Random } from '../feed/random.ts'
import type { MarketEvents } from '../support/market.ts'

type On = NonNullable<ReadModel<Row, MarketEvents>['on']>

/** A definition over the market and handlers that keep it right. */
export interface RandomModel {
  sql: string
  key: string[]
  on: On
}

/** Draws a read model: one row an order, one a group of orders, or one a product. */
export function randomModel(random: Random): RandomModel {
  const choice = random.next()
  if (choice < 0.45) return perOrder(random)
  return choice < 0.85 ? perGroup(random) : perProduct(random)
}

const ofOrder = ['status', 'quantity', 'product_id', 'day', 'note', 'labels', 'extra', 'changed_at']
const ofProduct = ['image', 'price']

const some = (random: Random, names: string[]): string[] => names.filter(() => random.chance(0.5))

/**
 * Some columns of the order and perhaps of its product, perhaps of some orders only. Where a row depends on more than the
 * order's events say, it is read again.
 */
function perOrder(random: Random): RandomModel {
  const product = random.chance(0.5) ? some(random, ofProduct) : []
  const isFiltered = random.chance(0.25)
  const own = some(random, ofOrder)
  if (product.length > 0 && !own.includes('product_id')) own.push('product_id')
  const columns = [
    'orders.id as order_id',
    ...own.map((name) => `orders.${name}`),
    ...product.map((name) => `products.${name}`),
  ]
  const where = isFiltered ? '\nwhere orders.quantity > 2' : ''
  const sql = `select ${columns.join(', ')}\nfrom public.orders\njoin public.products on products.id = orders.product_id${where}`
  const read = ({ orderId }: { orderId: number }) => recompute([[orderId]])
  const change = (event: { orderId: number }, columns: Row) => {
    const kept = only(columns, own)
    return Object.keys(kept).length === 0 ? undefined : patch([event.orderId], kept)
  }
  const isRead = isFiltered || random.chance(0.2)
  const isReadWhenPlaced = isRead || product.length > 0 || random.chance(0.3)
  const isReadWhenMoved = isRead || product.length > 0
  const on: On = {
    OrderPlaced: (event) => (isReadWhenPlaced ? read(event) : set(only(placedRow(event), ['order_id', ...own]))),
    OrderAdvanced: (event) =>
      isRead ? read(event) : change(event, { status: event.status, changed_at: event.changedAt }),
    QuantityChanged: (event) => (isRead ? read(event) : change(event, { quantity: event.quantity })),
    OrderMoved: (event) => (isReadWhenMoved ? read(event) : change(event, { product_id: event.productId })),
    OrderDeleted: random.chance(0.7) ? (event) => remove([event.orderId]) : read,
  }
  if (product.includes('image')) on.ImageChanged = (event) => recomputeWhere({ product_id: event.productId })
  return { sql, key: ['order_id'], on }
}

type Placed = Parameters<NonNullable<On['OrderPlaced']>>[0]

const placedRow = (event: Placed): Row => ({
  order_id: event.orderId,
  status: event.status,
  quantity: event.quantity,
  product_id: event.productId,
  day: event.day,
  note: event.note,
  labels: event.labels,
  extra: event.extra as Row['extra'] & object,
  changed_at: event.changedAt,
})

const only = (row: Row, names: readonly string[]): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)))

const measures: Record<string, { sql: string; of(quantity: number): number }> = {
  quantity: { sql: 'sum(orders.quantity)::bigint', of: (quantity) => quantity },
  large: { sql: 'count(*) filter (where orders.quantity > 3)', of: (quantity) => Number(quantity > 3) },
  squares: { sql: 'sum(orders.quantity * orders.quantity)::bigint', of: (quantity) => quantity * quantity },
}

/** Counts and sums of the orders of a day, a product or both: each order adds its own, some events read the group again. */
function perGroup(random: Random): RandomModel {
  const key = random.pick([['day'], ['product_id'], ['day', 'product_id'], ['product_id', 'day']])
  const measured = some(random, Object.keys(measures))
  const groups = key.map((name) => `orders.${name}`).join(', ')
  const columns = [groups, 'count(*) as orders', ...measured.map((name) => `${measures[name]!.sql} as ${name}`)]
  const sql = `select ${columns.join(', ')}\nfrom public.orders\ngroup by ${groups}`
  const keyOf = (group: Row) => key.map((name) => group[name] as string | number)
  const add = (group: Row, orders: number, quantities: [factor: number, quantity: number][]): Operation => {
    const initial: Row = { ...only(group, key), orders: 0, ...Object.fromEntries(measured.map((name) => [name, 0])) }
    return fold(keyOf(group), initial, (row) => {
      const next: Row = { ...row, orders: Number(row.orders) + orders }
      for (const name of measured) {
        const added = quantities.map(([factor, quantity]) => factor * measures[name]!.of(quantity))
        next[name] = added.reduce((sum, one) => sum + one, Number(row[name]))
      }
      return next.orders === 0 ? null : next
    })
  }
  const groupOf = (event: { day: string; productId: number }): Row => ({ day: event.day, product_id: event.productId })
  const reads = {
    placed: random.chance(0.2),
    changed: random.chance(0.2),
    moved: random.chance(0.2),
    deleted: random.chance(0.2),
  }
  const read = (...all: Row[]) => recompute(all.map(keyOf))
  return {
    sql,
    key,
    on: {
      OrderPlaced: (event) => (reads.placed ? read(groupOf(event)) : add(groupOf(event), 1, [[1, event.quantity]])),
      QuantityChanged: (event) =>
        reads.changed
          ? read(groupOf(event))
          : add(groupOf(event), 0, [
              [1, event.quantity],
              [-1, event.quantity - event.difference],
            ]),
      OrderMoved: (event) => {
        const [from, to] = [groupOf({ ...event, productId: event.from }), groupOf(event)]
        return reads.moved ? read(from, to) : [add(from, -1, [[-1, event.quantity]]), add(to, 1, [[1, event.quantity]])]
      },
      OrderDeleted: (event) => (reads.deleted ? read(groupOf(event)) : add(groupOf(event), -1, [[-1, event.quantity]])),
    },
  }
}

/** A product with what is ordered of it: its own column is written, the orders' are read again. */
function perProduct(random: Random): RandomModel {
  const isInner = random.chance(0.5)
  const sql = `select products.id as product_id, products.image, count(orders.id) as orders, max(orders.day) as last_day
from public.products
${isInner ? '' : 'left '}join public.orders on orders.product_id = products.id
group by products.id`
  const read = ({ productId }: { productId: number }) => recompute([[productId]])
  return {
    sql,
    key: ['product_id'],
    on: {
      OrderPlaced: read,
      OrderMoved: (event) => recompute([[event.from], [event.productId]]),
      OrderDeleted: read,
      ImageChanged: isInner ? read : (event) => patch([event.productId], { image: event.image }),
    },
  }
}
