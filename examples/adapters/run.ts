// Places an order with each example that is named, or with all: npx jiti examples/adapters/run.ts [pg drizzle ...]

import pg from 'pg'
import { migrate } from 'trifold'
import type { Placed } from './events.ts'

const all = ['pg', 'mikro-orm', 'drizzle', 'kysely', 'knex', 'prisma', 'type-orm']
const databaseUrl = process.env.DATABASE_URL
if (!databaseUrl) throw new Error('set DATABASE_URL to a database that may be written to')

await migrate(databaseUrl)
const client = new pg.Client({ connectionString: databaseUrl })
await client.connect()
await client.query('create table if not exists orders (id integer primary key, customer text not null)')
const { rows } = await client.query('select coalesce(max(id), 0) as last from orders')
await client.end()

const named = process.argv.slice(2)
for (const [place, name] of (named.length > 0 ? named : all).entries()) {
  const { placeOrder } = (await import(`./${name}.ts`)) as { placeOrder(...order: unknown[]): Promise<Placed> }
  const { commit, events } = await placeOrder(databaseUrl, rows[0].last + 1 + place, `somebody, by ${name}`)
  console.log(name, commit, events.at(-1))
}
