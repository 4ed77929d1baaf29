import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { mutants, windowed } from './mutants.ts'
import { scenarios } from './scenarios.ts'
import { runScenario } from './setting.ts'
import { createAggregates } from './writer.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await createAggregates(database.pool)
})

afterAll(() => database?.close())

for (const { design, caughtBy } of mutants) {
  test(`catches the wrong design "${design.name}"`, async () => {
    expect(await runScenario(database, design, scenarios[caughtBy].run)).not.toEqual([])
  })
}

test('finds nothing wrong with the same code without a flaw', async () => {
  const sound = windowed('without a flaw', {})
  for (const { caughtBy } of mutants) {
    expect(await runScenario(database, sound, scenarios[caughtBy].run)).toEqual([])
  }
})
