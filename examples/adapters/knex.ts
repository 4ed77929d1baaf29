import knex from 'knex'
import { knexExecutor } from 'trifold'
import { type OutboxRow, outbox, type Placed } from './events.ts'

/** Places an order with Knex: the row, its event and the token in one transaction. */
export async function placeOrder(databaseUrl: string, id: number, customer: string): Promise<Placed> {
  const db = knex({ client: 'pg', connection: databaseUrl })
  try {
    const commit = await db.transaction(async (trx) => {
      await trx('orders').insert({ id, customer })
      const payload = { orderId: id, customer }
      return outbox.append(knexExecutor(trx), { type: 'OrderPlaced', aggregate: `order:${id}`, payload })
    })
    const told = db<OutboxRow>('trifold.outbox').select('type', 'aggregate', 'payload')
    return { commit, events: await told.orderBy('position') }
  } finally {
    await db.destroy()
  }
}
