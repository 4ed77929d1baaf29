import { afterAll, beforeAll, expect, it } from 'vitest'
import { copyOut } from '../../src/database/copy-out.ts'
import { openClient } from '../../src/database.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let client: Awaited<ReturnType<typeof openClient>>
beforeAll(async () => {
  database = await createDatabase()
  client = await openClient(database.url, { name: 'test' })
})
afterAll(async () => {
  await client.end()
  await database.close()
})

/** @returns the bytes of the rows */
async function bytesOf(select: string): Promise<number> {
  let bytes = 0
  const onRow = (row: Buffer) => {
    bytes += row.length
  }
  for await (const _ of copyOut(client, `copy (${select}) to stdout`, onRow));
  return bytes
}

it('leaves a connection that goes on, however many bytes come last', async () => {
  for (let rows = 1; rows <= 30; rows++) {
    const length = Math.ceil((256 * 1_024) / rows)
    expect(await bytesOf(`select repeat('x', ${length}) from generate_series(1, ${rows})`)).toBe(rows * (length + 1))
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: '1' }])
  }
})

it('throws what the server refuses, before rows and among them, and the connection goes on', async () => {
  await expect(bytesOf('select nothing')).rejects.toMatchObject({ code: '42703' })
  const late = `select repeat('x', 1000) || 1 / (5000 - n) from generate_series(1, 6000) as n`
  await expect(bytesOf(late)).rejects.toMatchObject({ code: '22012' })
  expect(await bytesOf('select 1')).toBe(2)
})

it('throws if the session is ended among the rows', async () => {
  const other = await openClient(database.url, { name: 'test' })
  const { rows } = await other.query('select pg_backend_pid() as pid')
  const copying = copyOut(other, `copy (select repeat('x', 1000) from generate_series(1, 100000)) to stdout`, () => {})
  expect((await copying.next()).done).toBe(false)
  await client.query('select pg_terminate_backend($1)', [rows[0].pid])
  await expect(
    (async () => {
      for await (const _ of copying);
    })(),
  ).rejects.toThrow(/terminat/)
  await other.end()
})
