import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { inbox } from '../../src/inbox.ts'
import { createOutbox } from '../../src/outbox.ts'
import { blocksOf } from '../project/docs-page.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await database.pool.query(`create role ${writer()}`)
})
afterAll(async () => {
  await database?.pool.query(`drop owned by ${writer()}`)
  await database?.pool.query(`drop role ${writer()}`)
  await database?.close()
})

const writer = () => `${database.name}_writer`

it('appends, returns the token and takes from the inbox with the rights that the operations page gives to writers, which cannot read', async () => {
  const grants = blocksOf('docs/operations.md').find(({ text }) => text.includes('grant insert on trifold.outbox'))
  const writing = grants?.text.split('-- to read')[0]?.replaceAll('to app', `to ${writer()}`) ?? ''
  await database.pool.query(writing)
  const client = await database.pool.connect()
  try {
    await client.query('begin')
    await client.query(`set local role ${writer()}`)
    const outbox = createOutbox({ Noted: z.object({}) })
    const token = await outbox.append(client, { type: 'Noted', aggregate: 'note:1', payload: {} })
    expect(token).toMatch(/^\d+-[0-9a-f]+\.\d+$/)
    const id = '0191f3c4-5a7e-7cc0-9d1e-3f0f5d2a9b10'
    expect([await inbox(client, id, 'invoices'), await inbox(client, id, 'invoices')]).toEqual([true, false])
    await expect(client.query('select from trifold.outbox')).rejects.toMatchObject({ code: '42501' })
  } finally {
    await client.query('rollback')
    client.release()
  }
})
