import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DrizzleTransaction, drizzleExecutor } from '../../../src/outbox/adapters/drizzle.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'
import { executorConformance, type Transactions } from './conformance.ts'
import { appendNoted, committed, createNotes, expectNoTransaction } from './notes.ts'

const notes = pgTable('notes', { id: integer().primaryKey(), text: text().notNull() })

let database: TestDatabase
let db: NodePgDatabase<{ notes: typeof notes }>

beforeAll(async () => {
  database = await createDatabase()
  await createNotes(database)
  db = drizzle({ client: database.pool, schema: { notes } })
})

afterAll(() => database?.close())

const transactions = (): Transactions => ({
  transaction: (work) =>
    db.transaction((tx) =>
      work(drizzleExecutor(tx), (inner) => tx.transaction((nested) => inner(drizzleExecutor(nested)))),
    ),
})

describe('the executor of a Drizzle transaction', () => {
  executorConformance(() => database, transactions)

  test('commits rows and events together, or neither', async () => {
    const write = (id: number) =>
      db.transaction(async (tx) => {
        await appendNoted(drizzleExecutor(tx), id)
        await tx.insert(notes).values({ id, text: 'what? $1' })
      })
    await write(1)
    await expect(write(1)).rejects.toThrow()
    expect(await committed(database)).toEqual({ rows: [1], events: [1] })
  })

  test('refuses the database object, by its type and when it runs', async () => {
    // @ts-expect-error a database object has no rollback
    await expectNoTransaction(drizzleExecutor(db))
  })

  test('refuses a transaction that has ended, also where its client works for another one', async () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    const single = drizzle({ client: pool })
    try {
      const { tx, executor } = await single.transaction(async (tx) => ({ tx, executor: drizzleExecutor(tx) }))
      await expectNoTransaction(executor)
      await expectNoTransaction(drizzleExecutor(tx))
      await single.transaction(() => expectNoTransaction(executor))
    } finally {
      await pool.end()
    }
  })

  test('takes a transaction without a schema', async () => {
    const plain = drizzle({ client: database.pool })
    const rows = await plain.transaction((tx: DrizzleTransaction) => drizzleExecutor(tx).query('select 1 as one'))
    expect(rows).toEqual({ rows: [{ one: 1 }] })
  })
})
