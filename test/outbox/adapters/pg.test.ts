import { afterAll, beforeAll, describe, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../support/database.ts'
import { executorConformance, type Nested, type Transactions } from './conformance.ts'
import { expectNoTransaction } from './notes.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

afterAll(() => database?.close())

const transactions = (): Transactions => ({
  async transaction(work) {
    const client = await database.pool.connect()
    const nested: Nested = async (inner) => {
      await client.query('savepoint inner_work')
      try {
        const result = await inner(client)
        await client.query('release savepoint inner_work')
        return result
      } catch (error) {
        await client.query('rollback to savepoint inner_work')
        throw error
      }
    }
    try {
      await client.query('begin')
      const result = await work(client, nested)
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  },
})

describe('a client of pg', () => {
  executorConformance(() => database, transactions)

  test('is refused before its transaction begins, and after it has ended', async () => {
    const client = await database.pool.connect()
    try {
      await expectNoTransaction(client)
      for (const end of ['commit', 'rollback']) {
        await client.query('begin')
        await client.query(end)
        await expectNoTransaction(client)
      }
    } finally {
      client.release()
    }
  })

  test('is not a pool, which is refused', async () => {
    await expectNoTransaction(database.pool)
  })
})
