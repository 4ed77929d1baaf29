import { afterAll, beforeAll, describe } from 'vitest'
import { createDatabase, type TestDatabase } from '../../support/database.ts'
import { executorConformance, type Nested, type Transactions } from './conformance.ts'

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
        return await inner(client)
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
})
