import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as drizzle from '../../../examples/adapters/drizzle.ts'
import * as knex from '../../../examples/adapters/knex.ts'
import * as kysely from '../../../examples/adapters/kysely.ts'
import * as mikroOrm from '../../../examples/adapters/mikro-orm.ts'
import * as pg from '../../../examples/adapters/pg.ts'
import * as prisma from '../../../examples/adapters/prisma.ts'
import * as typeOrm from '../../../examples/adapters/type-orm.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase

beforeEach(async () => {
  database = await createDatabase()
  await database.pool.query('create table orders (id integer primary key, customer text not null)')
})

afterEach(() => database?.close())

const run = promisify(execFile)

const customer = `Ada "?" O'Neill $1 \\ 💡`

describe.each(Object.entries({ drizzle, knex, kysely, 'mikro-orm': mikroOrm, pg, prisma, 'type-orm': typeOrm }))(
  'the example for %s',
  (_name, { placeOrder }) => {
    test('commits an order and its event in one transaction, and names it by its token', async () => {
      const { commit, events } = await placeOrder(database.url, 7, customer)
      expect(events).toEqual([{ type: 'OrderPlaced', aggregate: 'order:7', payload: { orderId: 7, customer } }])
      const { rows } = await database.pool.query(`
        select orders.customer, outbox.era, outbox.xid::text, outbox.xid::xid = orders.xmin as together
        from orders, trifold.outbox`)
      expect(rows).toMatchObject([{ customer, together: true }])
      expect(commit).toMatch(new RegExp(`^${rows[0].era}-[0-9a-f]+\\.${rows[0].xid}$`))
    })

    test('leaves no event of an order that was refused', async () => {
      await placeOrder(database.url, 7, customer)
      await expect(placeOrder(database.url, 7, customer)).rejects.toThrow()
      expect((await database.pool.query('select 1 from trifold.outbox')).rowCount).toBe(1)
    })
  },
)

test('the examples run from the command line: all, and again those that are named', async () => {
  const env = { ...process.env, DATABASE_URL: database.url }
  const placed = async (...names: string[]) => {
    const { stdout } = await run('npx', ['jiti', 'examples/adapters/run.ts', ...names], { env })
    return [...stdout.matchAll(/^([a-z-]+) 1-[0-9a-f]+\.\d+ \{$/gm)].map(([, name]) => name)
  }
  expect(await placed()).toEqual(['pg', 'mikro-orm', 'drizzle', 'kysely', 'knex', 'prisma', 'type-orm'])
  expect(await placed('pg')).toEqual(['pg'])
  const { rows } = await database.pool.query('select count(*)::integer as orders from orders')
  expect(rows).toEqual([{ orders: 8 }])
})
