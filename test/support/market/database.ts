import { createDatabase, type TestDatabase } from '../database.ts'
import { marketTables } from '../market.ts'

/** A database of its own with the toolkit's schema and the market's tables. */
export async function createMarket(options: { url?: string } = {}): Promise<TestDatabase> {
  const database = await createDatabase(options)
  await database.pool.query(marketTables)
  return database
}
