import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { drizzleExecutor } from 'trifold'
import { type OutboxRow, outbox, type Placed } from './events.ts'

const orders = pgTable('orders', { id: integer().primaryKey(), customer: text().notNull() })

/** Places an order with Drizzle: the row, its event and the token in one transaction. */
export async function placeOrder(databaseUrl: string, id: number, customer: string): Promise<Placed> {
  const pool = new pg.Pool({ connectionString: databaseUrl })
  const db = drizzle({ client: pool })
  try {
    const commit = await db.transaction(async (tx) => {
      await tx.insert(orders).values({ id, customer })
      const payload = { orderId: id, customer }
      return outbox.append(drizzleExecutor(tx), { type: 'OrderPlaced', aggregate: `order:${id}`, payload })
    })
    const { rows } = await db.execute(sql`select type, aggregate, payload from trifold.outbox order by position`)
    return { commit, events: rows as unknown as OutboxRow[] }
  } finally {
    await pool.end()
  }
}
