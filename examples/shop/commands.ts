import { LockMode } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { CommitToken, Outbox } from 'trifold'
import { Customer, type NewAddress } from './entities/customer.ts'
import { Order } from './entities/order.ts'
import type { NewLine } from './entities/order-line.ts'
import { type NewProduct, Product, type ProductText } from './entities/product.ts'
import type { ShopEvents } from './events.ts'
import {
  loadCustomer,
  loadOrder,
  loadOrderForNewLine,
  loadOrderForRemoval,
  loadOrderForStock,
  loadProduct,
} from './load.ts'
import { nextOrderNumber } from './order-number.ts'
import type { ShopOrm } from './orm.ts'
import { unitOfWork } from './unit-of-work.ts'

/** What a command returns: the id of what it changed, and the commit token for a read that must show it. */
export interface Done {
  id: number
  commit: CommitToken
}

export interface LineInput {
  productId: number
  quantity: number
}

export interface PlaceOrder {
  customerId: number
  /** Default: the first address of the customer. */
  addressId?: number
  lines: LineInput[]
  /** Default: the next of the shop's own numbers. */
  number?: string
  now?: Date
}

/**
 * What the shop can be asked to do. Every command is one unit of work: load, call the entities, flush, append the
 * events, commit. Every command may throw ShopError NOT_FOUND, ORDER_CHANGED and what its entity method states.
 * `now` is given by tests and importers; default: the clock. Where a `version` of the order is given, the one that the
 * caller has seen, a change since then is ORDER_CHANGED as well.
 */
export function shopCommands(orm: ShopOrm, outbox?: Outbox<ShopEvents>) {
  const run = async (work: (em: EntityManager) => Promise<{ id: number }>): Promise<Done> => {
    const { result, commit } = await unitOfWork(orm, async (em) => ({ entity: await work(em) }), outbox)
    return { id: result.entity.id, commit }
  }
  return { ...customerCommands(run), ...productCommands(run), ...cartCommands(run), ...orderCommands(run) }
}

export type ShopCommands = ReturnType<typeof shopCommands>

type Run = (work: (em: EntityManager) => Promise<{ id: number }>) => Promise<Done>

function customerCommands(run: Run) {
  return {
    registerCustomer: (input: { email: string; name: string; address: NewAddress; now?: Date }) =>
      run(async (em) => {
        const customer = Customer.register({ ...input, now: input.now ?? new Date() })
        em.persist(customer)
        return customer
      }),
  }
}

function productCommands(run: Run) {
  const change = (id: number, apply: (product: Product) => void) =>
    run(async (em) => {
      const product = await loadProduct(em, id)
      apply(product)
      return product
    })
  return {
    addProduct: (input: NewProduct) =>
      run(async (em) => {
        const product = Product.add(input)
        em.persist(product)
        return product
      }),
    describeProduct: (id: number, text: Partial<ProductText>) => change(id, (product) => product.describe(text)),
    changeProductImage: (id: number, url: string) => change(id, (product) => product.changeImage(url)),
    changeProductPrice: (id: number, priceCents: number) => change(id, (product) => product.changePrice(priceCents)),
    receiveStock: (id: number, quantity: number) => change(id, (product) => product.putStock(quantity)),
  }
}

function cartCommands(run: Run) {
  return {
    placeOrder: (input: PlaceOrder) =>
      run(async (em) => {
        const customer = await loadCustomer(em, input.customerId)
        const order = Order.place({
          number: input.number ?? (await nextOrderNumber(em)),
          customer,
          address: customer.deliveryAddress(input.addressId),
          lines: await withProducts(em, input.lines),
          now: input.now ?? new Date(),
        })
        em.persist(order)
        return order
      }),
    addLine: (id: number, line: LineInput, now = new Date()) =>
      run(async (em) => {
        const order = await loadOrderForNewLine(em, id)
        order.addLine({ product: await loadProduct(em, line.productId), quantity: line.quantity }, now)
        return order
      }),
    changeQuantity: (id: number, place: number, quantity: number, now = new Date(), version?: number) =>
      changeOrder(run, loadOrder, id, (order) => order.changeQuantity(place, quantity, now), version),
    deleteOrder: (id: number) =>
      run(async (em) => {
        const order = await loadOrderForRemoval(em, id)
        order.discard()
        em.remove(order)
        return { id }
      }),
  }
}

function orderCommands(run: Run) {
  const change = (load: typeof loadOrder, id: number, apply: (order: Order) => void, version?: number) =>
    changeOrder(run, load, id, apply, version)
  return {
    confirmOrder: (id: number, now = new Date(), version?: number) =>
      change(loadOrderForStock, id, (order) => order.confirm(now), version),
    payOrder: (id: number, now = new Date(), version?: number) =>
      change(loadOrder, id, (order) => order.pay(now), version),
    shipOrder: (id: number, now = new Date()) => change(loadOrder, id, (order) => order.ship(now)),
    deliverOrder: (id: number, now = new Date()) => change(loadOrder, id, (order) => order.deliver(now)),
    cancelOrder: (id: number, now = new Date(), version?: number) =>
      change(loadOrderForStock, id, (order) => order.cancel(now), version),
  }
}

function changeOrder(
  run: Run,
  load: typeof loadOrder,
  id: number,
  apply: (order: Order) => void,
  version: number | undefined,
): Promise<Done> {
  return run(async (em) => {
    const order = await load(em, id)
    if (version !== undefined) await em.lock(order, LockMode.OPTIMISTIC, version)
    apply(order)
    return order
  })
}

async function withProducts(em: EntityManager, lines: LineInput[]): Promise<NewLine[]> {
  const loaded: NewLine[] = []
  for (const line of lines) loaded.push({ product: await loadProduct(em, line.productId), quantity: line.quantity })
  return loaded
}
