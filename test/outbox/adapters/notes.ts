import { expect } from 'vitest'
import { z } from 'zod'
import type { Executor } from '../../../src/executor.ts'
import { inbox } from '../../../src/inbox.ts'
import { type CommitToken, createOutbox } from '../../../src/outbox.ts'
import type { TestDatabase } from '../../support/database.ts'

const noted = '0191f3c4-5a7e-7cc0-9d1e-3f0f5d2a9b10'
const outbox = createOutbox({ Noted: z.object({ id: z.int() }) })

/** The rows that an ORM writes beside the events. */
export async function createNotes(database: TestDatabase): Promise<void> {
  await database.pool.query('create table notes (id integer primary key, text text not null)')
}

/** Tells of a note, inside of the executor's transaction. */
export function appendNoted(executor: Executor, id: number): Promise<CommitToken> {
  return outbox.append(executor, { type: 'Noted', aggregate: `note:${id}`, payload: { id } })
}

/** The notes that have a row, and those that have an event. */
export async function committed(database: TestDatabase): Promise<{ rows: number[]; events: number[] }> {
  const { rows } = await database.pool.query(`
    select
      array(select id from notes order by id) as rows,
      array(select (payload ->> 'id')::integer from trifold.outbox where payload ->> 'id' is not null order by 1) as events`)
  return rows[0]
}

/** Neither an event nor a token nor the inbox is to be had from `executor`. */
export async function expectNoTransaction(executor: Executor): Promise<void> {
  await expect(appendNoted(executor, 9)).rejects.toMatchObject({ code: 'TRANSACTION_MISSING' })
  await expect(outbox.token(executor)).rejects.toMatchObject({ code: 'TRANSACTION_MISSING' })
  await expect(inbox(executor, noted, 'notes')).rejects.toMatchObject({ code: 'TRANSACTION_MISSING' })
}
