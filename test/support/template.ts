import pg from 'pg'
import { inject } from 'vitest'
import { migrateShop } from '../../examples/shop/migrate.ts'
import { migrate } from '../../src/migrate.ts'
import { createKitDatabase } from '../../src/testing/kit-database.ts'

/** The name of a database with the toolkit's schema, to be copied. */
export const migratedTemplate = (): Promise<string> => template('migrated', migrate)

/** The name of a database with the toolkit's schema and the shop's, to be copied. */
export const shopTemplate = (): Promise<string> =>
  template('shop', async (url) => {
    await migrate(url)
    await migrateShop(url)
  })

/**
 * A database that tests copy: the first test of the run that needs it makes it, while others wait.
 *
 * @param prepare brings a new, empty database to the state that is copied
 */
async function template(content: string, prepare: (url: string) => Promise<unknown>): Promise<string> {
  const server = inject('databaseUrl')
  const name = `${inject('templatePrefix')}${content}`
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock(hashtext($1))', [name])
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (rowCount === 0) {
      const database = await createKitDatabase(server)
      await prepare(database.url)
      await client.query(`alter database ${database.name} rename to ${name}`)
    }
    return name
  } finally {
    await client.end()
  }
}
