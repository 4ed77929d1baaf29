import type pg from 'pg'
import { qualified } from '../sql.ts'

/** Schemas whose tables are not the application's. */
const foreign = ['trifold', 'bullmq', 'pg_catalog', 'information_schema']

/** The application's tables that have no rows, quoted and qualified. */
export async function emptyTables(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query(
    `select schemaname as schema, tablename as name
    from pg_tables
    where schemaname <> all ($1::text[])`,
    [foreign],
  )
  const empty: string[] = []
  for (const { schema, name } of rows) {
    const table = qualified(schema, name)
    const { rowCount } = await client.query(`select from ${table} limit 1`)
    if (rowCount === 0) empty.push(table)
  }
  return empty
}

/** Takes all rows out of the tables and starts their sequences again. */
export async function emptyAgain(client: pg.ClientBase, tables: readonly string[]): Promise<void> {
  if (tables.length > 0) await client.query(`truncate ${tables.join(', ')} restart identity cascade`)
}
