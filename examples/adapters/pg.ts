import pg from 'pg'
import { type OutboxRow, outbox, type Placed } from './events.ts'

/** Places an order with the driver alone: a client of `pg` is an executor as it is. */
export async function placeOrder(databaseUrl: string, id: number, customer: string): Promise<Placed> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('begin')
    await client.query('insert into orders (id, customer) values ($1, $2)', [id, customer])
    const payload = { orderId: id, customer }
    const commit = await outbox.append(client, { type: 'OrderPlaced', aggregate: `order:${id}`, payload })
    await client.query('commit')
    const select = 'select type, aggregate, payload from trifold.outbox order by position'
    return { commit, events: (await client.query<OutboxRow>(select)).rows }
  } finally {
    await client.end()
  }
}
