import pg from 'pg'
import type { NewEvent } from '../../../src/outbox.ts'
import { createOutbox } from '../../../src/outbox.ts'
import type { Random } from '../../feed/random.ts'
import { type MarketEvents, marketEvents } from '../market.ts'

const outbox = createOutbox(marketEvents)

type MarketEvent = NewEvent<MarketEvents>

interface OrderRow {
  id: string
  status: number
  quantity: number
  product_id: string
  day: string
}

export const days = ['2026-01-01', '2026-01-02']
export const orderIds = [1, 2, 3, 4, 5, 6, 7, 8]
export const productIds = [1, 2, 3]

/** One session of the application: locks the row, writes it, then appends the event. */
export class MarketWriter {
  readonly client: pg.Client
  private readonly random: Random
  private changes = 0

  private constructor(client: pg.Client, random: Random) {
    this.client = client
    this.random = random
  }

  static async open(databaseUrl: string, random: Random): Promise<MarketWriter> {
    const client = new pg.Client({ connectionString: databaseUrl, application_name: 'market writer' })
    client.on('error', () => {})
    await client.connect()
    await client.query(`set datestyle = 'ISO'`)
    return new MarketWriter(client, random)
  }

  /**
   * One transaction of one to three random changes. Two writers lock in the same order, so they never deadlock. Some
   * transactions get their id long before they write, some stay open for a moment after they wrote, some roll back.
   */
  async transaction(): Promise<void> {
    const { client, random } = this
    await client.query('begin')
    if (random.chance(0.2)) await client.query('select pg_current_xact_id()')
    if (random.chance(0.2)) await this.dawdle()
    const picked = [...new Set(Array.from({ length: random.between(1, 3) }, () => this.pick()))].sort()
    for (const one of picked) {
      const [kind, id] = one.split(' ') as [string, string]
      if (kind === 'product') await this.changeImage(Number(id))
      else await this.changeOrder(Number(id))
      if (random.chance(0.2)) await this.dawdle()
    }
    await client.query(random.chance(0.9) ? 'commit' : 'rollback')
  }

  async close(): Promise<void> {
    await this.client.end()
  }

  private pick(): string {
    return this.random.chance(0.25) ? `product ${this.random.pick(productIds)}` : `order ${this.random.pick(orderIds)}`
  }

  private async dawdle(): Promise<void> {
    await this.client.query('select pg_sleep($1)', [this.random.next() / 50])
  }

  private async changeImage(id: number): Promise<void> {
    const image = this.random.chance(0.1) ? null : `image ${id}.${this.nextChange()}`
    await changeImage(this.client, id, image)
  }

  private async changeOrder(id: number): Promise<void> {
    const { client, random } = this
    await client.query('select pg_advisory_xact_lock($1)', [id])
    const { rows } = await client.query<OrderRow>(
      'select id, status, quantity, product_id, day::text from orders where id = $1',
      [id],
    )
    const [row] = rows
    const choice = random.next()
    if (!row) return placeOrder(client, id, this.newOrder())
    if (choice < 0.3) return advanceOrder(client, id, row.status + 1)
    if (choice < 0.55) return changeQuantity(client, id, random.between(1, 9))
    if (choice < 0.75) return moveOrder(client, id, random.pick(productIds))
    await deleteOrder(client, id)
  }

  private newOrder(): NewOrder {
    const { random } = this
    const change = this.nextChange()
    return {
      quantity: random.between(1, 5),
      productId: random.pick(productIds),
      day: random.pick(days),
      note: random.chance(0.3) ? null : `note "${change}" \\ ünïcode`,
      labels: random.chance(0.3) ? null : ['a,b', 'c"d', `e ${change}`],
      extra: random.chance(0.3) ? null : { z: change, a: [1, { y: null, b: true }] },
    }
  }

  private nextChange(): number {
    this.changes += 1
    return this.changes
  }
}

export interface NewOrder {
  quantity: number
  productId: number
  day: string
  note?: string | null
  labels?: string[] | null
  extra?: Record<string, unknown> | null
}

type Client = Pick<pg.ClientBase, 'query'>

// Each of these writes one row and appends its event, inside the caller's transaction.

export async function placeOrder(client: Client, id: number, order: NewOrder): Promise<void> {
  const { quantity, productId, day, note = null, labels = null, extra = null } = order
  const { rows } = await client.query(
    `insert into orders (id, status, quantity, product_id, day, note, labels, extra, changed_at)
    values ($1, 0, $2, $3, $4, $5, $6, $7, clock_timestamp())
    returning
      to_char(changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as changed_at,
      (select image from products where products.id = product_id) as image,
      (select price::text from products where products.id = product_id) as price`,
    [id, quantity, productId, day, note, labels, extra && JSON.stringify(extra)],
  )
  const { changed_at: changedAt, image, price } = rows[0]
  await append(client, 'OrderPlaced', id, {
    orderId: id,
    status: 0,
    quantity,
    productId,
    day,
    note,
    labels,
    extra,
    changedAt,
    image,
    price,
  })
}

export async function advanceOrder(client: Client, id: number, status: number): Promise<void> {
  const { rows } = await client.query(
    `update orders
    set status = $2, changed_at = clock_timestamp()
    where id = $1
    returning to_char(changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as changed_at`,
    [id, status],
  )
  await append(client, 'OrderAdvanced', id, { orderId: id, status, changedAt: rows[0].changed_at })
}

export async function changeQuantity(client: Client, id: number, quantity: number): Promise<void> {
  const before = await orderOf(client, id)
  await client.query('update orders set quantity = $2 where id = $1', [id, quantity])
  await append(client, 'QuantityChanged', id, { ...before, quantity, difference: quantity - before.quantity })
}

export async function moveOrder(client: Client, id: number, productId: number): Promise<void> {
  const before = await orderOf(client, id)
  await client.query('update orders set product_id = $2 where id = $1', [id, productId])
  await append(client, 'OrderMoved', id, { ...before, productId, from: before.productId })
}

export async function deleteOrder(client: Client, id: number): Promise<void> {
  const before = await orderOf(client, id)
  await client.query('delete from orders where id = $1', [id])
  await append(client, 'OrderDeleted', id, before)
}

export async function changeImage(client: Client, productId: number, image: string | null): Promise<void> {
  await client.query('update products set image = $2 where id = $1', [productId, image])
  await append(client, 'ImageChanged', productId, { productId, image })
}

/** Locks the order and reads what its events say of it. */
async function orderOf(client: Client, id: number) {
  const { rows } = await client.query('select quantity, product_id, day::text from orders where id = $1 for update', [
    id,
  ])
  const row = rows[0] as { quantity: number | string; product_id: string; day: string }
  return { orderId: id, quantity: Number(row.quantity), productId: Number(row.product_id), day: row.day }
}

async function append<T extends MarketEvent['type']>(
  client: Client,
  type: T,
  id: number,
  payload: Extract<MarketEvent, { type: T }>['payload'],
): Promise<void> {
  const aggregate = `${type === 'ImageChanged' ? 'product' : 'order'}:${id}`
  await outbox.append(client as never, [{ type, aggregate, payload } as MarketEvent])
}

/** Runs `work` in one transaction of `pool`. */
export async function inOneTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}
