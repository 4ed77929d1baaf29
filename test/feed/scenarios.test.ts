import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { theFeed } from './design.ts'
import { scenarios } from './scenarios.ts'
import { runScenario } from './setting.ts'
import { createAggregates } from './writer.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await createAggregates(database.pool)
})

afterAll(() => database?.close())

for (const { rule, run } of Object.values(scenarios)) {
  test(rule, async () => {
    expect(await runScenario(database, theFeed, run)).toEqual([])
  })
}
