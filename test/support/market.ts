// A small write model whose read models need every operation: one row an order (set, patch, remove), one row a day and
// product (fold), and one row an order with a column of its product (recompute, recomputeWhere).

import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { defineConfig, type TrifoldConfig } from '../../src/config.ts'
import type { Row } from '../../src/encoding.ts'
import {
  fold,
  type Operation,
  patch,
  type ReadModel,
  recompute,
  recomputeWhere,
  remove,
  set,
} from '../../src/read-model.ts'

export const marketTables = `
  create table products (
    id bigint primary key,
    image text,
    price numeric(10, 2) not null default 1
  );
  create table orders (
    id bigint primary key,
    status integer not null,
    quantity integer not null,
    product_id bigint not null references products (id),
    day date not null,
    note text,
    labels text[],
    extra jsonb,
    changed_at timestamptz not null
  );
  insert into products (id, image)
  select id, 'image ' || id || '.0'
  from generate_series(1, 3) as id`

const order = { orderId: z.int(), quantity: z.int(), productId: z.int(), day: z.string() }

export const marketEvents = {
  OrderPlaced: z.object({
    ...order,
    status: z.int(),
    note: z.string().nullable(),
    labels: z.array(z.string()).nullable(),
    extra: z.record(z.string(), z.unknown()).nullable(),
    changedAt: z.string(),
    image: z.string().nullable(),
    price: z.string(),
  }),
  OrderAdvanced: z.object({ orderId: z.int(), status: z.int(), changedAt: z.string() }),
  QuantityChanged: z.object({ ...order, difference: z.int() }),
  OrderMoved: z.object({ ...order, from: z.int() }),
  OrderDeleted: z.object(order),
  ImageChanged: z.object({ productId: z.int(), image: z.string().nullable() }),
}

export type MarketEvents = typeof marketEvents

type Model = ReadModel<Row, MarketEvents>

const everywhere = { table: {}, search: { indexRefresh: '20ms' as const } }

export const plainOrder: Model = {
  key: ['order_id'],
  indexes: [['product_id', 'changed_at desc']],
  notNull: ['status', 'quantity', 'product_id', 'day', 'changed_at'],
  targets: everywhere,
  on: {
    OrderPlaced: (event) =>
      set({
        order_id: event.orderId,
        status: event.status,
        quantity: event.quantity,
        product_id: event.productId,
        day: event.day,
        note: event.note,
        labels: event.labels,
        extra: event.extra as Row['extra'] & object,
        changed_at: event.changedAt,
      }),
    OrderAdvanced: (event) => patch([event.orderId], { status: event.status, changed_at: event.changedAt }),
    QuantityChanged: (event) => patch([event.orderId], { quantity: event.quantity }),
    OrderMoved: (event) => patch([event.orderId], { product_id: event.productId }),
    OrderDeleted: (event) => remove([event.orderId]),
  },
}

export const dayTotal: Model = {
  key: ['day', 'product_id'],
  notNull: ['orders', 'quantity'],
  targets: everywhere,
  on: {
    OrderPlaced: (event) => counted(event.day, event.productId, 1, event.quantity),
    QuantityChanged: (event) => counted(event.day, event.productId, 0, event.difference),
    OrderMoved: (event) => [
      counted(event.day, event.from, -1, -event.quantity),
      counted(event.day, event.productId, 1, event.quantity),
    ],
    OrderDeleted: (event) => counted(event.day, event.productId, -1, -event.quantity),
  },
}

/** The last order of a day and product takes its row along. */
function counted(day: string, product_id: number, orders: number, quantity: number): Operation {
  return fold([day, product_id], { day, product_id, orders: 0, quantity: 0 }, (row) => {
    const next = { ...row, orders: Number(row.orders) + orders, quantity: Number(row.quantity) + quantity }
    return next.orders === 0 ? null : next
  })
}

/** `image` and `price` belong to the product: the row is read again whenever it gets one, and whenever one changes. */
export const picturedOrder: Model = {
  key: ['order_id'],
  indexes: [['product_id']],
  targets: everywhere,
  on: {
    OrderPlaced: (event) => recompute([[event.orderId]]),
    OrderAdvanced: (event) => patch([event.orderId], { status: event.status }),
    QuantityChanged: (event) => patch([event.orderId], { quantity: event.quantity }),
    OrderMoved: (event) => recompute([[event.orderId]]),
    OrderDeleted: (event) => remove([event.orderId]),
    ImageChanged: (event) => recomputeWhere({ product_id: event.productId }),
  },
}

export const marketModels = { plain_order: plainOrder, day_total: dayTotal, pictured_order: picturedOrder }

export interface MarketAddress {
  database: string
  /** Without it the read models have no search targets. */
  search?: string
  indexPrefix?: string
}

/** The configuration of the market's three read models, or of `models`. */
export function marketConfig(
  { database, search, indexPrefix }: MarketAddress,
  models: Record<string, Model> = marketModels,
): TrifoldConfig<MarketEvents> {
  const readModels = Object.fromEntries(
    Object.entries(models).map(([name, model]) => [name, search ? model : { ...model, targets: { table: {} } }]),
  )
  return defineConfig({
    database,
    search,
    indexPrefix: indexPrefix ?? '',
    views: fileURLToPath(new URL('./market/views', import.meta.url)),
    events: marketEvents,
    readModels,
  }) as TrifoldConfig<MarketEvents>
}
