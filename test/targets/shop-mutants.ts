import type { EntityManager } from '@mikro-orm/postgresql'
import type { ShopEvents } from '../../examples/shop/events.ts'
import config from '../../examples/shop/trifold.config.ts'
import type { Row } from '../../src/encoding.ts'
import { fold, type Operation, patch, type ReadModel, recompute, set } from '../../src/read-model.ts'
import { within } from '../testing/shop-kit.ts'

type Model = ReadModel<Row, ShopEvents>
type On = NonNullable<Model['on']>
type Step = (em: EntityManager) => Promise<unknown>

/** A wrong way to keep a read model of the shop, and what has to happen in the shop for it to show. */
export interface ShopMutant {
  of: 'daily_sales' | 'order_summary' | 'product_search'
  on: On
  /** Each is applied before the next one happens, and the read model is right after all of them. */
  before: Step[]
  last: Step
}

const { daily_sales, order_summary, product_search } = config.readModels as unknown as Record<ShopMutant['of'], Model>
const right = { daily_sales, order_summary, product_search }

const lantern = 1
const kite = 2
const order = 1
const evening = new Date('2026-03-01T23:59:59.999Z')
const midnight = new Date('2026-03-02T00:00:00.000Z')

const place =
  (...products: number[]): Step =>
  (em) =>
    within(em).placeOrder({
      customerId: 1,
      lines: products.map((productId) => ({ productId, quantity: 1 })),
      now: evening,
    })
const confirm: Step = (em) => within(em).confirmOrder(order, evening)
const cancel: Step = (em) => within(em).cancelOrder(order, midnight)
const remove: Step = (em) => within(em).deleteOrder(order)
const rename: Step = (em) => within(em).describeProduct(lantern, { name: 'Tin Lantern' })

const without = (name: ShopMutant['of'], type: keyof ShopEvents): On => {
  const { [type]: _, ...rest } = right[name].on as Required<On>
  return rest as On
}

type Sale = { country: string; itemCount: number; totalCents: number }

/** Adds to a day whatever it is given; the row stays where nothing is left of it. */
const added = (day: string, { country, itemCount, totalCents }: Sale, direction: number): Operation =>
  fold([day, country], { day, country, orders: 0, items: 0, revenue_cents: 0 }, (row) => ({
    ...row,
    orders: Number(row.orders) + direction,
    items: Number(row.items) + direction * itemCount,
    revenue_cents: Number(row.revenue_cents) + direction * totalCents,
  }))

/** Wrong designs that look right, by what is wrong. */
export const shopMutants: Record<string, ShopMutant> = {
  keeps_days_without_orders: {
    of: 'daily_sales',
    on: { ...daily_sales.on, OrderCancelled: (event) => added(event.day, event, -1) },
    before: [place(lantern), confirm],
    last: cancel,
  },
  takes_back_on_another_day: {
    of: 'daily_sales',
    on: {
      ...daily_sales.on,
      OrderCancelled: (event) => added(event.lastUpdate.slice(0, 10), event, -1),
    },
    before: [place(lantern), confirm],
    last: cancel,
  },
  counts_carts: {
    of: 'daily_sales',
    on: { ...daily_sales.on, OrderPlaced: (event) => added(event.createdAt.slice(0, 10), event, 1) },
    before: [],
    last: place(lantern),
  },
  keeps_the_total_of_the_cart: {
    of: 'order_summary',
    on: {
      ...order_summary.on,
      OrderConfirmed: ({ orderId, status, statusLabel, lastUpdate }) =>
        patch([orderId], { status, status_label: statusLabel, last_update: lastUpdate }),
    },
    before: [place(lantern)],
    last: confirm,
  },
  keeps_what_is_deleted: {
    of: 'order_summary',
    on: without('order_summary', 'OrderDeleted'),
    before: [place(lantern)],
    last: remove,
  },
  reads_the_first_product_only: {
    of: 'product_search',
    on: { ...product_search.on, OrderConfirmed: ({ productIds }) => recompute([[productIds[0] as number]]) },
    before: [place(kite, lantern)],
    last: confirm,
  },
  counts_all_items_for_each_product: {
    of: 'product_search',
    on: {
      ...product_search.on,
      OrderConfirmed: ({ productIds, itemCount }) =>
        productIds.map((id) =>
          fold([id], {}, (row) => ({ ...row, units_sold: Number(row.units_sold) + itemCount }) as Row),
        ),
    },
    before: [place(kite, lantern)],
    last: confirm,
  },
  forgets_cancellations: {
    of: 'product_search',
    on: without('product_search', 'OrderCancelled'),
    before: [place(lantern), confirm],
    last: cancel,
  },
  forgets_the_sales_of_the_renamed: {
    of: 'product_search',
    on: {
      ...product_search.on,
      ProductDescribed: ({ productId, name, description, category }) =>
        set({
          product_id: productId,
          name,
          description,
          category,
          price_cents: 1999,
          units_sold: 0,
          revenue_cents: 0,
          countries: [],
        }),
    },
    before: [place(lantern), confirm],
    last: rename,
  },
}

/** The read models of the mutants, each under its own name. */
export const shopMutantModels: Record<string, Model> = Object.fromEntries(
  Object.entries(shopMutants).map(([name, { of, on }]) => [name, { ...right[of], on }]),
)
