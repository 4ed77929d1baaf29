import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Order } from '../../../examples/shop/entities/order.ts'
import { takeFacts } from '../../../examples/shop/facts.ts'
import { createOrm, type ShopOrm } from '../../../examples/shop/orm.ts'
import { codeOf, type Goods, later, newCart, newGoods, now } from './goods.ts'
import { address } from './shop-database.ts'

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

describe('the amounts of an order', () => {
  test('are the sum of its lines in a cart', () => {
    const order = newCart(goods, 2)
    order.addLine({ product: goods.book, quantity: 1 }, later)
    expect(order.totalCents).toBe(2 * 2000 + 1250)
  })

  test('get the shipping when the order is confirmed: a flat price below 50.00, nothing from there', () => {
    const small = newCart(goods, 2)
    small.confirm(later)
    expect([small.shippingCents, small.totalCents]).toEqual([495, 4495])
    const large = newCart(goods, 3)
    large.confirm(later)
    expect([large.shippingCents, large.totalCents]).toEqual([0, 6000])
  })

  test('cost more to send abroad, however large', () => {
    const abroad = goods.customer.addAddress({ ...address, country: 'France' })
    const order = Order.place({
      number: 'SO-2',
      customer: goods.customer,
      address: abroad,
      lines: [{ product: goods.lamp, quantity: 5 }],
      now,
    })
    order.confirm(later)
    expect([order.country, order.shippingCents, order.totalCents]).toEqual(['France', 1495, 11495])
  })

  test.each([0, -1, 1.5, Number.NaN, 3_000_000_000])('refuse the quantity %d', (quantity) => {
    expect(codeOf(() => newCart(goods, quantity))).toBe('AMOUNT_INVALID')
    expect(codeOf(() => newCart(goods).addLine({ product: goods.book, quantity }, later))).toBe('AMOUNT_INVALID')
  })
})

describe('the stock of a product', () => {
  test('is taken by confirming and given back by cancelling', () => {
    const order = newCart(goods, 4)
    order.confirm(later)
    expect(goods.lamp.stock).toBe(6)
    order.cancel(later)
    expect(goods.lamp.stock).toBe(10)
  })

  test('is never sold twice', () => {
    expect(codeOf(() => newCart(goods, 11).confirm(later))).toBe('OUT_OF_STOCK')
  })

  test('is asked for by confirming, so an empty cart cannot be', () => {
    const order = newCart(goods)
    order.changeQuantity(1, 0, later)
    expect(codeOf(() => order.confirm(later))).toBe('ORDER_EMPTY')
  })
})

describe('what an order freezes', () => {
  test('is the first picture of the product and its price, when the line is added', () => {
    const order = newCart(goods)
    goods.lamp.changeImage('new.jpg')
    goods.lamp.changePrice(9900)
    order.addLine({ product: goods.lamp, quantity: 1 }, later)
    const lines = order.lines.getItems().map((line) => [line.imageUrl, line.unitPriceCents])
    expect(lines).toEqual([
      ['lamp.jpg', 2000],
      ['new.jpg', 9900],
    ])
  })

  test('is the country of the address', () => {
    const order = newCart(goods)
    goods.customer.deliveryAddress().country = 'France'
    expect(order.country).toBe('United Kingdom')
  })
})

describe('the facts', () => {
  test('of a placed order hold its whole row', () => {
    expect(takeFacts([newCart(goods, 2)]).map(({ fact }) => fact)).toEqual([
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
    const order = newCart(goods)
    order.addLine({ product: goods.book, quantity: 1 }, later)
    order.changeQuantity(1, 0, later)
    const pictures = takeFacts([order]).map(
      ({ fact }) => 'previewImageUrl' in fact.values && fact.values.previewImageUrl,
    )
    expect(pictures).toEqual(['lamp.jpg', 'lamp.jpg', null])
  })

  test('of a cancellation name the same sale as those of the confirmation, on its UTC day', () => {
    const order = newCart(goods, 3)
    order.addLine({ product: goods.book, quantity: 1 }, now)
    order.addLine({ product: goods.lamp, quantity: 1 }, now)
    Object.assign(goods.lamp, { id: 12 })
    Object.assign(goods.book, { id: 7 })
    takeFacts([order])
    order.confirm(new Date('2026-01-03T23:59:59.999Z'))
    order.pay(new Date('2026-01-04T00:00:00.000Z'))
    order.cancel(new Date('2026-01-05T00:00:00.000Z'))
    const [confirmed, , cancelled] = takeFacts([order]).map(({ fact }) => fact)
    const sale = { day: '2026-01-03', country: 'United Kingdom', itemCount: 5, totalCents: 9250, productIds: [7, 12] }
    expect(confirmed).toMatchObject({ type: 'OrderConfirmed', values: sale })
    expect(cancelled).toMatchObject({ type: 'OrderCancelled', values: sale })
  })

  test('of a description hold all texts of the product', () => {
    takeFacts([goods.lamp])
    goods.lamp.describe({ description: 'It shines', category: 'Lighting' })
    goods.lamp.describe({ name: 'Oil lamp' })
    const told = takeFacts([goods.lamp]).map(({ fact }) => fact.values)
    expect(told).toEqual([
      { name: 'Lamp', description: 'It shines', category: 'Lighting' },
      { name: 'Oil lamp', description: 'It shines', category: 'Lighting' },
    ])
  })

  test('are not told where nothing changed', () => {
    const order = newCart(goods)
    takeFacts([order, goods.lamp])
    order.changeQuantity(1, 2, later)
    goods.lamp.changeImage('lamp.jpg')
    goods.lamp.changePrice(2000)
    goods.lamp.describe({ name: 'Lamp', description: null })
    expect(takeFacts([order, goods.lamp])).toEqual([])
  })

  test('are taken once', () => {
    const order = newCart(goods)
    expect(takeFacts([order])).toHaveLength(1)
    expect(takeFacts([order])).toEqual([])
  })
})

describe('the pictures of a product', () => {
  test('tell of a change of the first one only', () => {
    takeFacts([goods.book, goods.lamp])
    goods.book.addImage('first.jpg')
    goods.book.addImage('second.jpg')
    goods.lamp.changeImage('front.jpg')
    const told = takeFacts([goods.book, goods.lamp]).map(({ fact }) => fact)
    expect(told).toEqual([
      { type: 'ProductImageChanged', values: { imageUrl: 'first.jpg' } },
      { type: 'ProductImageChanged', values: { imageUrl: 'front.jpg' } },
    ])
  })
})

test('a customer without the address that an order names is refused', () => {
  expect(codeOf(() => goods.customer.deliveryAddress(12))).toBe('ADDRESS_MISSING')
})
