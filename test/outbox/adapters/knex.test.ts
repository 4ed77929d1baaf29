import knex, { type Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { knexExecutor } from '../../../src/outbox/adapters/knex.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'
import { executorConformance, type Transactions } from './conformance.ts'
import { appendNoted, committed, createNotes, expectNoTransaction } from './notes.ts'

let database: TestDatabase
let db: Knex

beforeAll(async () => {
  database = await createDatabase()
  await createNotes(database)
  db = knex({ client: 'pg', connection: database.url, postProcessResponse: () => [] })
})

afterAll(async () => {
  await db?.destroy()
  await database?.close()
})

const transactions = (): Transactions => ({
  transaction: (work) =>
    db.transaction((trx) =>
      work(knexExecutor(trx), (inner) => trx.transaction((nested) => inner(knexExecutor(nested)))),
    ),
})

describe('the executor of a Knex transaction', () => {
  executorConformance(() => database, transactions)

  test('commits rows and events together, or neither', async () => {
    const write = (id: number) =>
      db.transaction(async (trx) => {
        await appendNoted(knexExecutor(trx), id)
        await trx('notes').insert({ id, text: 'what? $1' })
      })
    await write(1)
    await expect(write(1)).rejects.toThrow(/duplicate key/)
    expect(await committed(database)).toEqual({ rows: [1], events: [1] })
  })

  test('refuses the database object, by its type and when it runs', async () => {
    // @ts-expect-error a database object is never completed
    await expectNoTransaction(knexExecutor(db))
  })

  test('refuses a transaction that has ended', async () => {
    const trx = await db.transaction()
    await trx.commit()
    await expectNoTransaction(knexExecutor(trx))
  })
})
