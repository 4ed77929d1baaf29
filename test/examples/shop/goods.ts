import { Customer } from '../../../examples/shop/entities/customer.ts'
import { Order } from '../../../examples/shop/entities/order.ts'
import { Product } from '../../../examples/shop/entities/product.ts'
import { address } from './shop-database.ts'

export const now = new Date('2026-01-02T03:04:05.123Z')
export const later = new Date('2026-01-03T00:00:00.000Z')

export interface Goods {
  customer: Customer
  lamp: Product
  book: Product
}

/** A customer, a lamp with two pictures and a book without, none of them stored. */
export function newGoods(): Goods {
  return {
    customer: Customer.register({ email: 'ann@shop.example', name: 'Ann', address, now }),
    lamp: Product.add({ sku: 'LAMP', name: 'Lamp', priceCents: 2000, stock: 10, imageUrls: ['lamp.jpg', 'back.jpg'] }),
    book: Product.add({ sku: 'BOOK', name: 'Book', priceCents: 1250, stock: 3 }),
  }
}

/** A cart of lamps. */
export function newCart({ customer, lamp }: Goods, quantity = 2): Order {
  const lines = [{ product: lamp, quantity }]
  return Order.place({ number: 'SO-1', customer, address: customer.deliveryAddress(), lines, now })
}

/** The code of the error that `what` throws. */
export function codeOf(what: () => unknown): string {
  try {
    what()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'nothing was thrown'
}
