import type pg from 'pg'
import {
  afterInserts,
  beforeInserts,
  insertAddresses,
  insertCustomers,
  insertImages,
  insertLines,
  insertOrders,
  insertProducts,
} from './bulk-statements.ts'

export interface BulkOptions {
  /** How many orders, from 1. They get 3 lines each on average. */
  orders: number
  /** Default: one to twenty orders, at least 10. */
  customers?: number
  /** Default: one to a thousand orders, at least 50. */
  products?: number
  /** Another seed gives other orders. Default 1. */
  seed?: number
  /** The newest update of an order is from about this time, the oldest order one year older. Default: now. */
  until?: Date
}

export interface BulkReport {
  customers: number
  products: number
  orders: number
  lines: number
  seconds: number
}

/**
 * Fills the tables of the shop with any number of orders in every status, for benchmarks: plain SQL beside the write
 * model, so no events are appended and targets must be rebuilt afterwards. Rows keep all the rules of the entities
 * (amounts, shipping, dates of the status, frozen images). While it runs, orders can neither be written nor read: most of
 * their indexes and all foreign keys are made again at the end, in the same transaction, which is several times faster
 * than to check row by row.
 */
export async function generateBulk(pool: pg.Pool, options: BulkOptions): Promise<BulkReport> {
  const started = performance.now()
  const wanted = withDefaults(options)
  const client = await pool.connect()
  try {
    await client.query('begin')
    const lines = await insertAll(client, wanted)
    await client.query('commit')
    for (const table of ['customers', 'addresses', 'products', 'product_images', 'orders', 'order_lines']) {
      await client.query(`vacuum analyze public.${table}`)
    }
    const { customers, products, orders } = wanted
    return { customers, products, orders, lines, seconds: (performance.now() - started) / 1000 }
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

interface Wanted extends Required<BulkOptions> {
  until: Date
}

function withDefaults(options: BulkOptions): Wanted {
  return {
    customers: Math.max(10, Math.ceil(options.orders / 20)),
    products: Math.max(50, Math.ceil(options.orders / 1000)),
    seed: 1,
    until: new Date(),
    ...options,
  }
}

async function insertAll(client: pg.PoolClient, wanted: Wanted): Promise<number> {
  await client.query(beforeInserts)
  const customer = await reserveIds(client, 'customers', wanted.customers)
  const product = await reserveIds(client, 'products', wanted.products)
  const order = await reserveIds(client, 'orders', wanted.orders)
  await client.query(insertCustomers, [customer, wanted.customers, wanted.until])
  await client.query(insertAddresses, [customer, wanted.customers])
  await client.query(insertProducts, [product, wanted.products, wanted.seed])
  await client.query(insertImages, [product, wanted.products])
  await client.query('analyze public.products, public.product_images')
  const times = [wanted.until, wanted.orders]
  const lines = await client.query(insertLines, [order, ...times, product, wanted.products, wanted.seed])
  await client.query('analyze public.addresses, public.order_lines')
  await client.query(insertOrders, [order, ...times, customer, wanted.customers, wanted.seed])
  await client.query(afterInserts)
  return lines.rowCount ?? 0
}

/** Takes `count` ids out of the identity of `table`; the first one is the result plus 1. */
async function reserveIds(client: pg.PoolClient, table: string, count: number): Promise<number> {
  const { rows } = await client.query(
    `select setval(sequence.name, nextval(sequence.name) - 1 + $2::bigint)::text as last
    from pg_get_serial_sequence($1, 'id') as sequence (name)`,
    [`public.${table}`, count],
  )
  return Number(rows[0].last) - count
}
