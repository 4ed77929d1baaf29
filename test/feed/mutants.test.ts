import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { burst } from './burst.ts'
import { mutants } from './mutants.ts'
import { scenarios } from './scenarios.ts'
import { runScenario } from './setting.ts'
import { windowed } from './windowed.ts'
import { createAggregates } from './writer.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await createAggregates(database.pool)
})

afterAll(() => database?.close())

/** Most bursts until a wrong design is caught; the rarest is caught in one of two. */
const mostBursts = 30

for (const { design, caughtBy } of mutants) {
  test(`the scenario "${caughtBy}" catches the wrong design "${design.name}"`, async () => {
    expect(await runScenario(database, design, scenarios[caughtBy].run)).not.toEqual([])
  })

  if (caughtBy === 'hole') continue // one burst in six comes to it; the scenario tries until it does

  test(`some burst catches the wrong design "${design.name}"`, async () => {
    const first = randomInt(2 ** 31)
    let seed = first
    while ((await burst(database, design, seed)).length === 0) {
      seed += 1
      expect(seed, `none from TRIFOLD_SEED=${first} on`).toBeLessThan(first + mostBursts)
    }
    process.stdout.write(`caught by burst ${seed - first + 1}: ${design.name}\n`)
  })
}

test('finds nothing wrong with the same code without a flaw', async () => {
  const sound = windowed('without a flaw', {})
  for (const { caughtBy } of mutants) {
    expect(await runScenario(database, sound, scenarios[caughtBy].run)).toEqual([])
  }
})
