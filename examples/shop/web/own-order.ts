import { Order } from '../entities/order.ts'
import { type Shop, ShopError } from '../shop.ts'

/** An order of the customer with its lines and their products, from the write model. @throws ShopError NOT_FOUND */
export async function ownOrder({ orm }: Shop, customerId: number, id: number): Promise<Order> {
  const order = await orm.em.fork().findOne(Order, { id, customer: customerId }, { populate: ['lines.product'] })
  if (order) return order
  throw new ShopError('NOT_FOUND', `you have no order ${id}`)
}
