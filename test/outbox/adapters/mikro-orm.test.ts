import { EntitySchema } from '@mikro-orm/core'
import { MikroORM } from '@mikro-orm/postgresql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mikroOrmExecutor } from '../../../src/outbox/adapters/mikro-orm.ts'
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
  properties: { id: { type: 'integer', primary: true }, text: { type: 'text' } },
})

let database: TestDatabase
let orm: MikroORM

beforeAll(async () => {
  database = await createDatabase()
  await createNotes(database)
  orm = await MikroORM.init({
    clientUrl: database.url,
    entities: [Note],
    discovery: { disableDynamicFileAccess: true },
  })
})

afterAll(async () => {
  await orm?.close(true)
  await database?.close()
})

const transactions = (): Transactions => ({
  transaction: (work) =>
    orm.em
      .fork()
      .transactional((em) =>
        work(mikroOrmExecutor(em), (inner) => em.transactional((nested) => inner(mikroOrmExecutor(nested)))),
      ),
})

describe('the executor of a MikroORM entity manager', () => {
  executorConformance(() => database, transactions)

  test('commits rows and events together, or neither where a later flush fails', async () => {
    const write = (id: number) =>
      orm.em.fork().transactional(async (em) => {
        await appendNoted(mikroOrmExecutor(em), id)
        em.create(Note, { id, text: 'what? $1' })
      })
    await write(1)
    await expect(write(1)).rejects.toThrow(/duplicate key/)
    expect(await committed(database)).toEqual({ rows: [1], events: [1] })
  })

  test('refuses to work outside of a transaction', async () => {
    await expectNoTransaction(mikroOrmExecutor(orm.em.fork()))
  })

  test('refuses a transaction that has ended', async () => {
    const [em, executor] = await orm.em.fork().transactional(async (em) => [em, mikroOrmExecutor(em)] as const)
    await expectNoTransaction(executor)
    await expectNoTransaction(mikroOrmExecutor(em))
  })

  test('refuses the entity manager that the transaction was forked from', async () => {
    const outer = orm.em.fork()
    await outer.transactional(() => expectNoTransaction(mikroOrmExecutor(outer)))
  })
})
