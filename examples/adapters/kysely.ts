import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { kyselyExecutor } from 'trifold'
import { type OutboxRow, outbox, type Placed } from './events.ts'

interface Tables {
  orders: { id: number; customer: string }
  'trifold.outbox': OutboxRow & { position: string }
}

/** Places an order with Kysely: the row, its event and the token in one transaction. */
export async function placeOrder(databaseUrl: string, id: number, customer: string): Promise<Placed> {
  const pool = new pg.Pool({ connectionString: databaseUrl })
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    const commit = await db.transaction().execute(async (trx) => {
      await trx.insertInto('orders').values({ id, customer }).execute()
      const payload = { orderId: id, customer }
      return outbox.append(kyselyExecutor(trx), { type: 'OrderPlaced', aggregate: `order:${id}`, payload })
    })
    const columns = ['type', 'aggregate', 'payload'] as const
    const events = await db.selectFrom('trifold.outbox').select(columns).orderBy('position').execute()
    return { commit, events }
  } finally {
    await db.destroy()
  }
}
