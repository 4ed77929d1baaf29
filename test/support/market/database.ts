import { createDatabase, type TestDatabase } from '../database.ts'
import { marketTables } from '../market.ts'

/** A database of its own with the toolkit's schema and the market's tables. */
export async function createMarket(): Promise<TestDatabase> {
  const database = await createDatabase()
  await database.pool.query(marketTables)
  return database
}
