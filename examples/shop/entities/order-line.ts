import { wholeAmount } from '../errors.ts'
import type { Order } from './order.ts'
import type { Product } from './product.ts'

/** So many pieces of a product in an order, with the price and the picture of the time when it was added. */
export class OrderLine {
  declare id: number
  declare order: Order
  declare place: number
  declare product: Product
  declare quantity: number
  declare unitPriceCents: number
  declare imageUrl: string | null
  declare addedAt: Date

  constructor(order: Order, place: number, item: NewLine, now: Date) {
    this.order = order
    this.place = place
    this.product = item.product
    this.quantity = wholeAmount('a quantity', item.quantity, 1)
    this.unitPriceCents = wholeAmount('a price', item.unitPriceCents ?? item.product.priceCents, 1)
    this.imageUrl = item.product.imageUrl()
    this.addedAt = now
  }

  totalCents(): number {
    return this.quantity * this.unitPriceCents
  }
}

export interface NewLine {
  /** With its images loaded, and stored before the order is confirmed, which names it in its event. */
  product: Product
  quantity: number
  /** Default: the price of the product. */
  unitPriceCents?: number
}
