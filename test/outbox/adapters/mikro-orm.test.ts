import { EntitySchema } from '@mikro-orm/core'
import { MikroORM } from '@mikro-orm/postgresql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { mikroOrmExecutor } from '../../../src/outbox/adapters/mikro-orm.ts'
import { createOutbox } from '../../../src/outbox.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'
import { executorConformance, type Transactions } from './conformance.ts'

interface Note {
  id: number
  text: string
}

const Note = new EntitySchema<Note>({
  name: 'Note',
  tableName: 'notes',
  properties: { id: { type: 'integer', primary: true }, text: { type: 'text' } },
})

const outbox = createOutbox({ Noted: z.object({ id: z.int() }) })

let database: TestDatabase
let orm: MikroORM

beforeAll(async () => {
  database = await createDatabase()
  await database.pool.query('create table notes (id integer primary key, text text not null)')
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

  test('commits rows and events together', async () => {
    await orm.em.fork().transactional(async (em) => {
      em.create(Note, { id: 1, text: 'what? $1' })
      await em.flush()
      await outbox.append(mikroOrmExecutor(em), [{ type: 'Noted', aggregate: 'note:1', payload: { id: 1 } }])
    })
    const { rows } = await database.pool.query(
      `select notes.text from notes join trifold.outbox on outbox.payload ->> 'id' = notes.id::text`,
    )
    expect(rows).toEqual([{ text: 'what? $1' }])
  })

  test('loses the events when a later flush fails', async () => {
    const work = orm.em.fork().transactional(async (em) => {
      await outbox.append(mikroOrmExecutor(em), [{ type: 'Noted', aggregate: 'note:2', payload: { id: 2 } }])
      em.create(Note, { id: 1, text: 'the id is taken' })
    })
    await expect(work).rejects.toThrow(/duplicate key/)
    const { rows } = await database.pool.query(`select 1 from trifold.outbox where aggregate = 'note:2'`)
    expect(rows).toEqual([])
  })

  test('refuses to work outside of a transaction', async () => {
    const append = outbox.append(mikroOrmExecutor(orm.em.fork()), [
      { type: 'Noted', aggregate: 'note:3', payload: { id: 3 } },
    ])
    await expect(append).rejects.toMatchObject({ code: 'TRANSACTION_MISSING' })
  })
})
