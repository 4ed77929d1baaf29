import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrateShop } from '../../../examples/shop/migrate.ts'
import { openShop, type Shop } from '../../../examples/shop/shop.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase
let shop: Shop

beforeAll(async () => {
  database = await createDatabase()
  await migrateShop(database.url)
  shop = await openShop(database.url)
})

afterAll(async () => {
  await shop?.close()
  await database?.close()
})

test('entities and migrations agree', async () => {
  expect(await shop.orm.schema.getUpdateSchemaSQL()).toBe('')
})
