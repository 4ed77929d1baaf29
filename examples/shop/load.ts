import { LockMode } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import { mikroOrmExecutor } from 'trifold'
import { Customer } from './entities/customer.ts'
import { Order } from './entities/order.ts'
import { Product } from './entities/product.ts'
import { ShopError } from './errors.ts'

// How the commands read the entities that they change. Each throws ShopError NOT_FOUND.

export async function loadCustomer(em: EntityManager, id: number): Promise<Customer> {
  const customer = await em.findOne(Customer, { id }, { populate: ['addresses'] })
  return customer ?? notFound('customer', id)
}

export async function loadProduct(em: EntityManager, id: number): Promise<Product> {
  const product = await em.findOne(Product, { id }, { populate: ['images'] })
  return product ?? notFound('product', id)
}

/** With its lines, whose products are references only. */
export async function loadOrder(em: EntityManager, id: number): Promise<Order> {
  const order = await em.findOne(Order, { id }, { populate: ['lines'] })
  return order ?? notFound('order', id)
}

/**
 * With its lines and their products, which stay locked until the end of the transaction. They are locked in the order
 * of their ids, so that two orders of the same products wait for each other and never deadlock. The ORM has no word for
 * this lock: its own one would also keep out those who place orders, whose lines refer to products in any order.
 */
export async function loadOrderForStock(em: EntityManager, id: number): Promise<Order> {
  const order = await loadOrder(em, id)
  const ids = order.lines.getItems().map((line) => line.product.id)
  await mikroOrmExecutor(em).query(
    `select id
    from public.products
    where id = any ($1::bigint[])
    order by id
    for no key update`,
    [`{${ids.join(',')}}`],
  )
  await em.find(Product, { id: ids })
  return order
}

/** With its lines, and locked: two who add a line at once would give it the same place. */
export async function loadOrderForNewLine(em: EntityManager, id: number): Promise<Order> {
  const order = await em.findOne(Order, { id }, { populate: ['lines'], lockMode: LockMode.PESSIMISTIC_WRITE })
  return order ?? notFound('order', id)
}

/** Locked, because the ORM deletes by id alone: a cart that is confirmed meanwhile must not go. */
export async function loadOrderForRemoval(em: EntityManager, id: number): Promise<Order> {
  const order = await em.findOne(Order, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
  return order ?? notFound('order', id)
}

function notFound(what: string, id: number): never {
  throw new ShopError('NOT_FOUND', `there is no ${what} ${id}`)
}
