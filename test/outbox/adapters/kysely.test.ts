import { CamelCasePlugin, type ControlledTransaction, Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kyselyExecutor } from '../../../src/outbox/adapters/kysely.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'
import { executorConformance, type Transactions } from './conformance.ts'
import { appendNoted, committed, createNotes, expectNoTransaction } from './notes.ts'

interface Tables {
  notes: { id: number; text: string }
}

let database: TestDatabase
let db: Kysely<Tables>

beforeAll(async () => {
  database = await createDatabase()
  await createNotes(database)
  db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: database.url }) }) })
})

afterAll(async () => {
  await db?.destroy()
  await database?.close()
})

/** Kysely has savepoints in controlled transactions only. */
async function inSavepoint<T>(trx: ControlledTransaction<Tables>, work: (trx: Transaction<Tables>) => Promise<T>) {
  const savepoint = await trx.savepoint('inner_work').execute()
  try {
    const result = await work(savepoint)
    await savepoint.releaseSavepoint('inner_work').execute()
    return result
  } catch (error) {
    await savepoint.rollbackToSavepoint('inner_work').execute()
    throw error
  }
}

const controlled = (): Transactions => ({
  async transaction(work) {
    const trx = await db.startTransaction().execute()
    try {
      const result = await work(kyselyExecutor(trx), (inner) => inSavepoint(trx, (at) => inner(kyselyExecutor(at))))
      await trx.commit().execute()
      return result
    } catch (error) {
      await trx.rollback().execute()
      throw error
    }
  },
})

describe('the executor of a Kysely transaction', () => {
  executorConformance(() => database, controlled)

  test('commits rows and events together, or neither', async () => {
    const write = (id: number) =>
      db.transaction().execute(async (trx) => {
        await appendNoted(kyselyExecutor(trx), id)
        await trx.insertInto('notes').values({ id, text: 'what? $1' }).execute()
      })
    await write(1)
    await expect(write(1)).rejects.toThrow(/duplicate key/)
    expect(await committed(database)).toEqual({ rows: [1], events: [1] })
  })

  test('refuses the database object, by its type and when it runs', async () => {
    // @ts-expect-error a database object is not always a transaction
    await expectNoTransaction(kyselyExecutor(db))
  })

  test('refuses a transaction that has ended', async () => {
    const trx = await db.transaction().execute(async (open) => open)
    await expect(appendNoted(kyselyExecutor(trx), 8)).rejects.toThrow(/already committed/)
  })

  test('gives columns their own names where a plugin renames them', async () => {
    const rows = await db
      .withPlugin(new CamelCasePlugin())
      .transaction()
      .execute((trx) => kyselyExecutor(trx).query('select 1 as snake_case'))
    expect(rows).toEqual({ rows: [{ snake_case: 1 }] })
  })
})
