import { Order } from '../entities/order.ts'
import type { Shop } from '../shop.ts'

/** The newest cart of a customer with its lines and their products, from the write model. */
export async function openCart({ orm }: Shop, customerId: number): Promise<Order | undefined> {
  const cart = await orm.em
    .fork()
    .findOne(
      Order,
      { customer: customerId, status: 'cart' },
      { populate: ['lines.product'], orderBy: { createdAt: 'desc', id: 'desc' } },
    )
  return cart ?? undefined
}

/** A product, and how many of it. */
export interface CartLine {
  productId: number
  quantity: number
}

/** Puts a line into the cart of a customer, who may not have one yet. */
export async function addToCart(shop: Shop, customerId: number, line: CartLine): Promise<void> {
  const cart = await openCart(shop, customerId)
  if (cart) await shop.addLine(cart.id, line)
  else await shop.placeOrder({ customerId, lines: [line] })
}
