import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Customer } from '../../../examples/shop/entities/customer.ts'
import { Order } from '../../../examples/shop/entities/order.ts'
import { orderStatuses } from '../../../examples/shop/entities/order-status.ts'
import { Product } from '../../../examples/shop/entities/product.ts'
import { takeFacts } from '../../../examples/shop/facts.ts'
import { createOrm, type ShopOrm } from '../../../examples/shop/orm.ts'
import { address } from './shop-database.ts'

// The entities alone: the ORM is there for its collections and is never connected.
let orm: ShopOrm
let customer: Customer
let lamp: Product
let book: Product

const now = new Date('2026-01-02T03:04:05.123Z')
const later = new Date('2026-01-03T00:00:00.000Z')

beforeAll(async () => {
  orm = await createOrm('postgres://nobody@127.0.0.1:1/nowhere')
})

afterAll(() => orm.close(true))

beforeEach(() => {
  customer = Customer.register({ email: 'ann@shop.example', name: 'Ann', address, now })
  lamp = Product.add({ sku: 'LAMP', name: 'Lamp', priceCents: 2000, stock: 10, imageUrls: ['lamp.jpg', 'back.jpg'] })
  book = Product.add({ sku: 'BOOK', name: 'Book', priceCents: 1250, stock: 3 })
})

const cart = (quantity = 2) =>
  Order.place({
    number: 'SO-1',
    customer,
    address: customer.deliveryAddress(),
    lines: [{ product: lamp, quantity }],
    now,
  })

const code = (what: () => unknown): string => {
  try {
    what()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'nothing was thrown'
}

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
  const order = cart()
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
    const outcome = code(() => steps[to](order))
    expect(outcome).toBe(allowed.includes(`${from} ${to}`) ? 'nothing was thrown' : 'STATUS_INVALID')
    expect(order.status).toBe(outcome === 'STATUS_INVALID' ? from : to)
    expect(takeFacts([order])).toHaveLength(outcome === 'STATUS_INVALID' ? 0 : 1)
  })

  test.each(orderStatuses)('lines change only in a cart, not in %s', (status) => {
    const order = orderIn(status)
    const expected = status === 'cart' ? 'nothing was thrown' : 'ORDER_NOT_OPEN'
    expect(code(() => order.addLine({ product: book, quantity: 1 }, later))).toBe(expected)
    expect(code(() => order.changeQuantity(1, 1, later))).toBe(expected)
  })

  test.each(orderStatuses)('only a cart or a cancelled order is deleted, not %s', (status) => {
    const order = orderIn(status)
    const deletable = status === 'cart' || status === 'cancelled'
    expect(code(() => order.discard())).toBe(deletable ? 'nothing was thrown' : 'STATUS_INVALID')
  })

  test('every change is later than the one before, also where the clock stands still or goes back', () => {
    const order = cart()
    const times = [order.lastUpdate.getTime()]
    for (const clock of [now, new Date(0)]) {
      order.changeQuantity(1, times.length + 5, clock)
      times.push(order.lastUpdate.getTime())
    }
    expect(times).toEqual([now.getTime(), now.getTime() + 1, now.getTime() + 2])
  })
})

describe('the amounts of an order', () => {
  test('are the sum of its lines in a cart', () => {
    const order = cart(2)
    order.addLine({ product: book, quantity: 1 }, later)
    expect(order.totalCents).toBe(2 * 2000 + 1250)
  })

  test('get the shipping when the order is confirmed: a flat price below 50.00, nothing from there', () => {
    const small = cart(2)
    small.confirm(later)
    expect([small.shippingCents, small.totalCents]).toEqual([495, 4495])
    const large = cart(3)
    large.confirm(later)
    expect([large.shippingCents, large.totalCents]).toEqual([0, 6000])
  })

  test('cost more to send abroad, however large', () => {
    const abroad = customer.addAddress({ ...address, country: 'France' })
    const order = Order.place({
      number: 'SO-2',
      customer,
      address: abroad,
      lines: [{ product: lamp, quantity: 5 }],
      now,
    })
    order.confirm(later)
    expect([order.country, order.shippingCents, order.totalCents]).toEqual(['France', 1495, 11495])
  })

  test.each([0, -1, 1.5, Number.NaN, 3_000_000_000])('refuse the quantity %d', (quantity) => {
    expect(code(() => cart(quantity))).toBe('AMOUNT_INVALID')
    expect(code(() => cart().addLine({ product: book, quantity }, later))).toBe('AMOUNT_INVALID')
  })
})

describe('the stock of a product', () => {
  test('is taken by confirming and given back by cancelling', () => {
    const order = cart(4)
    order.confirm(later)
    expect(lamp.stock).toBe(6)
    order.cancel(later)
    expect(lamp.stock).toBe(10)
  })

  test('is never sold twice', () => {
    expect(code(() => cart(11).confirm(later))).toBe('OUT_OF_STOCK')
  })

  test('is asked for by confirming, so an empty cart cannot be', () => {
    const order = cart()
    order.changeQuantity(1, 0, later)
    expect(code(() => order.confirm(later))).toBe('ORDER_EMPTY')
  })
})

describe('what an order freezes', () => {
  test('is the first picture of the product and its price, when the line is added', () => {
    const order = cart()
    lamp.changeImage('new.jpg')
    lamp.changePrice(9900)
    order.addLine({ product: lamp, quantity: 1 }, later)
    const lines = order.lines.getItems().map((line) => [line.imageUrl, line.unitPriceCents])
    expect(lines).toEqual([
      ['lamp.jpg', 2000],
      ['new.jpg', 9900],
    ])
  })

  test('is the country of the address', () => {
    const order = cart()
    customer.deliveryAddress().country = 'France'
    expect(order.country).toBe('United Kingdom')
  })
})

describe('the facts', () => {
  test('of a placed order hold its whole row', () => {
    expect(takeFacts([cart(2)]).map(({ fact }) => fact)).toEqual([
      {
        type: 'OrderPlaced',
        values: {
          customerId: undefined,
          number: 'SO-1',
          country: 'United Kingdom',
          createdAt: '2026-01-02T03:04:05.123Z',
          status: 'cart',
          statusLabel: 'Cart',
          totalCents: 4000,
          itemCount: 2,
          previewImageUrl: 'lamp.jpg',
          lastUpdate: '2026-01-02T03:04:05.123Z',
        },
      },
    ])
  })

  test('of changed lines hold the picture of the line that is first then', () => {
    const order = cart()
    order.addLine({ product: book, quantity: 1 }, later)
    order.changeQuantity(1, 0, later)
    const pictures = takeFacts([order]).map(
      ({ fact }) => 'previewImageUrl' in fact.values && fact.values.previewImageUrl,
    )
    expect(pictures).toEqual(['lamp.jpg', 'lamp.jpg', null])
  })

  test('are not told where nothing changed', () => {
    const order = cart()
    takeFacts([order, lamp])
    order.changeQuantity(1, 2, later)
    lamp.changeImage('lamp.jpg')
    lamp.changePrice(2000)
    expect(takeFacts([order, lamp])).toEqual([])
  })

  test('are taken once', () => {
    const order = cart()
    expect(takeFacts([order])).toHaveLength(1)
    expect(takeFacts([order])).toEqual([])
  })
})

describe('the pictures of a product', () => {
  test('tell of a change of the first one only', () => {
    takeFacts([book, lamp])
    book.addImage('first.jpg')
    book.addImage('second.jpg')
    lamp.changeImage('front.jpg')
    const told = takeFacts([book, lamp]).map(({ fact }) => fact)
    expect(told).toEqual([
      { type: 'ProductImageChanged', values: { imageUrl: 'first.jpg' } },
      { type: 'ProductImageChanged', values: { imageUrl: 'front.jpg' } },
    ])
  })
})

test('a customer without the address that an order names is refused', () => {
  expect(code(() => customer.deliveryAddress(12))).toBe('ADDRESS_MISSING')
})
