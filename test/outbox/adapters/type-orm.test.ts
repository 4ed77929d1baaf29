import { DataSource, EntitySchema } from 'typeorm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { typeOrmExecutor } from '../../../src/outbox/adapters/type-orm.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'
import { executorConformance, type Transactions } from './conformance.ts'
import { appendNoted, committed, createNotes, expectNoTransaction } from './notes.ts'

interface Note {
  id: number
  text: string
}

const Note = new EntitySchema<Note>({
  name: 'Note',
  tableName: 'notes',
  columns: { id: { type: 'integer', primary: true }, text: { type: 'text' } },
})

let database: TestDatabase
let source: DataSource

beforeAll(async () => {
  database = await createDatabase()
  await createNotes(database)
  source = await new DataSource({ type: 'postgres', url: database.url, entities: [Note] }).initialize()
})

afterAll(async () => {
  await source?.destroy()
  await database?.close()
})

const transactions = (): Transactions => ({
  transaction: (work) =>
    source.transaction((manager) =>
      work(typeOrmExecutor(manager), (inner) => manager.transaction((nested) => inner(typeOrmExecutor(nested)))),
    ),
})

describe('the executor of a TypeORM transaction', () => {
  executorConformance(() => database, transactions)

  test('commits rows and events together, or neither', async () => {
    const write = (id: number) =>
      source.transaction(async (manager) => {
        await appendNoted(typeOrmExecutor(manager), id)
        await manager.insert(Note, { id, text: 'what? $1' })
      })
    await write(1)
    await expect(write(1)).rejects.toThrow(/duplicate key/)
    expect(await committed(database)).toEqual({ rows: [1], events: [1] })
  })

  test('takes a query runner, while its transaction is active', async () => {
    await using runner = source.createQueryRunner()
    await expectNoTransaction(typeOrmExecutor(runner))
    await runner.startTransaction()
    await runner.manager.insert(Note, { id: 2, text: 'by hand' })
    await appendNoted(typeOrmExecutor(runner), 2)
    await runner.commitTransaction()
    await expectNoTransaction(typeOrmExecutor(runner))
    expect(await committed(database)).toEqual({ rows: [1, 2], events: [1, 2] })
  })

  test('refuses a transaction that has ended', async () => {
    await expectNoTransaction(typeOrmExecutor(await source.transaction(async (manager) => manager)))
  })

  test("refuses the data source's own manager", async () => {
    await expectNoTransaction(typeOrmExecutor(source.manager))
  })
})
