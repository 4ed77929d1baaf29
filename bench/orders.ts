import type pg from 'pg'
import { z } from 'zod'
import { type ResolvedConfig, resolveConfig } from '../src/config.ts'
import { migrate } from '../src/migrate.ts'
import { patch, set, type Targets } from '../src/read-model.ts'

const id = z.int().positive()
const cents = z.int().min(0)
const instant = z.iso.datetime()
const moved = { orderId: id, status: z.string(), statusLabel: z.string(), lastUpdate: instant }

/** The events of an order's life: the first has the whole row (about 430 bytes), the later ones a few columns. */
export const orderEvents = {
  OrderPlaced: z.object({
    ...moved,
    customerId: id,
    number: z.string(),
    country: z.string(),
    createdAt: instant,
    totalCents: cents,
    itemCount: z.int().min(0),
    previewImageUrl: z.string().nullable(),
  }),
  OrderConfirmed: z.object({ ...moved, shippingCents: cents, totalCents: cents }),
  OrderPaid: z.object(moved),
  OrderShipped: z.object(moved),
  OrderDelivered: z.object(moved),
}

type Step = z.infer<typeof orderEvents.OrderPaid>

const step = (event: Step) => ({
  status: event.status,
  status_label: event.statusLabel,
  last_update: event.lastUpdate,
})

const handlers = {
  OrderPlaced: (event: z.infer<typeof orderEvents.OrderPlaced>) =>
    set({
      order_id: event.orderId,
      customer_id: event.customerId,
      number: event.number,
      created_at: event.createdAt,
      status: event.status,
      status_label: event.statusLabel,
      total_cents: event.totalCents,
      item_count: event.itemCount,
      preview_image_url: event.previewImageUrl,
      last_update: event.lastUpdate,
    }),
  OrderConfirmed: (event: z.infer<typeof orderEvents.OrderConfirmed>) =>
    patch([event.orderId], { ...step(event), total_cents: event.totalCents }),
  OrderPaid: (event: Step) => patch([event.orderId], step(event)),
  OrderShipped: (event: Step) => patch([event.orderId], step(event)),
  OrderDelivered: (event: Step) => patch([event.orderId], step(event)),
}

/** The read model of the orders, without targets. */
export const orderModel = { key: ['order_id'], notNull: ['number', 'status'], on: handlers }

/** Where a benchmark runs the read model, and in which targets. */
export interface OrderSetup {
  database: string
  search?: string | undefined
  targets: Targets
}

/** The configuration; the working folder is the project's. */
export function orderConfig({ database, search, targets }: OrderSetup): ResolvedConfig {
  const order_summary = { ...orderModel, targets }
  const config = { database, views: 'bench/views', events: orderEvents, readModels: { order_summary } }
  const indexPrefix = `${new URL(database).pathname.slice(1)}-` // an index belongs to one database
  return resolveConfig({ ...config, ...(search && { search, indexPrefix }) } as never, process.cwd())
}

const ordersTable = `
  create table public.bench_orders (
    order_id bigint primary key,
    customer_id bigint not null,
    number text not null,
    created_at timestamptz not null,
    status text not null,
    status_label text not null,
    total_cents bigint not null,
    item_count integer not null,
    preview_image_url text,
    last_update timestamptz not null
  )`

const insertOrders = `
  insert into public.bench_orders
  select
    n, n % 5000 + 1, 'SO-' || lpad(n::text, 8, '0'), now(), 'cart', 'Cart', n % 10000, n % 7 + 1,
    'https://images.example/products/' || n % 1000 || '/front.jpg', now()
  from generate_series(1, $1::bigint) as n`

/** The toolkit's schema and the table of the write model, with `count` orders. */
export async function createOrders(pool: pg.Pool, database: string, count = 0): Promise<void> {
  await migrate(database)
  await pool.query(ordersTable)
  await pool.query(insertOrders, [count])
}

/** So that neither side of a comparison pays for what came before. */
export async function settle(pool: pg.Pool): Promise<void> {
  await pool.query('vacuum (analyze)')
  await pool.query('checkpoint')
}
