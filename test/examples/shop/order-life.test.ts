import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Order } from '../../../examples/shop/entities/order.ts'
import { orderStatuses } from '../../../examples/shop/entities/order-status.ts'
import { takeFacts } from '../../../examples/shop/facts.ts'
import { createOrm, type ShopOrm } from '../../../examples/shop/orm.ts'
import { codeOf, type Goods, later, newCart, newGoods, now } from './goods.ts'

// The entities alone: the ORM is there for its collections and is never connected.
let orm: ShopOrm
let goods: Goods

beforeAll(async () => {
  orm = await createOrm('postgres://nobody@127.0.0.1:1/nowhere')
})

afterAll(() => orm.close(true))

beforeEach(() => {
  goods = newGoods()
})

const steps = {
  confirmed: (order: Order) => order.confirm(later),
  paid: (order: Order) => order.pay(later),
  shipped: (order: Order) => order.ship(later),
  delivered: (order: Order) => order.deliver(later),
  cancelled: (order: Order) => order.cancel(later),
}

const ways = {
  cart: [],
  confirmed: ['confirmed'],
  paid: ['confirmed', 'paid'],
  shipped: ['confirmed', 'paid', 'shipped'],
  delivered: ['confirmed', 'paid', 'shipped', 'delivered'],
  cancelled: ['confirmed', 'cancelled'],
} as const

const orderIn = (status: keyof typeof ways): Order => {
  const order = newCart(goods)
  for (const step of ways[status]) steps[step](order)
  takeFacts([order])
  return order
}

describe('the life of an order', () => {
  const allowed = [
    'cart confirmed',
    'confirmed paid',
    'paid shipped',
    'shipped delivered',
    'confirmed cancelled',
    'paid cancelled',
  ]
  const moves = orderStatuses.flatMap((from) =>
    Object.keys(steps).map((to) => [from, to as keyof typeof steps] as const),
  )

  test.each(moves)('from %s to %s happens only where the life allows it', (from, to) => {
    const order = orderIn(from)
    const outcome = codeOf(() => steps[to](order))
    expect(outcome).toBe(allowed.includes(`${from} ${to}`) ? 'nothing was thrown' : 'STATUS_INVALID')
    expect(order.status).toBe(outcome === 'STATUS_INVALID' ? from : to)
    expect(takeFacts([order])).toHaveLength(outcome === 'STATUS_INVALID' ? 0 : 1)
  })

  test.each(orderStatuses)('lines change only in a cart, not in %s', (status) => {
    const order = orderIn(status)
    const expected = status === 'cart' ? 'nothing was thrown' : 'ORDER_NOT_OPEN'
    expect(codeOf(() => order.addLine({ product: goods.book, quantity: 1 }, later))).toBe(expected)
    expect(codeOf(() => order.changeQuantity(1, 1, later))).toBe(expected)
  })

  test.each(orderStatuses)('only a cart or a cancelled order is deleted, not %s', (status) => {
    const order = orderIn(status)
    const deletable = status === 'cart' || status === 'cancelled'
    expect(codeOf(() => order.discard())).toBe(deletable ? 'nothing was thrown' : 'STATUS_INVALID')
  })

  test('every change is later than the one before, also where the clock stands still or goes back', () => {
    const order = newCart(goods)
    const times = [order.lastUpdate.getTime()]
    for (const clock of [now, new Date(0)]) {
      order.changeQuantity(1, times.length + 5, clock)
      times.push(order.lastUpdate.getTime())
    }
    expect(times).toEqual([now.getTime(), now.getTime() + 1, now.getTime() + 2])
  })
})
