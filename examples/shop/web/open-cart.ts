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
