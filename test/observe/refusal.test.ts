import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClient } from '../../src/database.ts'
import { databaseRefusal } from '../../src/observe/database-refusal.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

describe('what PostgreSQL refuses has words', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase({ migrated: false })
  })
  afterAll(() => database.close())

  const refusalOf = async (...statements: string[]) => {
    const client = await database.pool.connect()
    try {
      for (const statement of statements) await client.query(statement)
    } catch (error) {
      return databaseRefusal(error)
    } finally {
      client.release(true)
    }
    throw new Error('nothing was refused')
  }

  it.each(['select from trifold.windows', 'create table trifold.more (id integer)'])(
    'where the schema was dropped: %s',
    async (statement) => {
      expect(await refusalOf(statement)).toMatchObject({ code: 'DATABASE_NOT_MIGRATED', next: 'run `trifold migrate`' })
    },
  )

  it('not where a table of the application is missing', async () => {
    expect(await refusalOf('select from public.orders')).toBeUndefined()
  })

  it('where prepared statements meet those of another session', async () => {
    const refusal = await refusalOf('prepare "one" as select 1', 'prepare "one" as select 1')
    expect(refusal).toMatchObject({ code: 'DATABASE_POOLED', next: expect.stringContaining('transaction pooler') })
  })

  it('where the disk is full', async () => {
    const refusal = await refusalOf(`do $$ begin raise 'could not extend file' using errcode = 'disk_full'; end $$`)
    expect(refusal).toMatchObject({ code: 'DATABASE_FULL', next: expect.stringContaining('free space') })
  })
})

/** Answers every start of a session as PgBouncer does. */
async function startPooler() {
  const said = 'SFATAL\0C08P01\0Munsupported startup parameter in options: timezone\0\0'
  const head = Buffer.alloc(5, 'E')
  head.writeInt32BE(said.length + 4, 1)
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(Buffer.concat([head, Buffer.from(said)])))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return { url: `postgres://me:secret@127.0.0.1:${port}/shop`, close: () => server.close() }
}

it('names a transaction pooler that refuses the settings of a session', async () => {
  const pooler = await startPooler()
  const opening = openClient(pooler.url, { name: 'test' })
  await expect(opening).rejects.toMatchObject({
    code: 'DATABASE_POOLED',
    message: expect.stringMatching(/transaction pooler answers at postgres:\/\/me:\*\*\*@.*point DATABASE_URL at/),
  })
  pooler.close()
})
