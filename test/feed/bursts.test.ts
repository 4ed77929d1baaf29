import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { fewOrMany } from '../support/long.ts'
import { burst } from './burst.ts'
import { theFeed } from './design.ts'
import { createAggregates } from './writer.ts'

/** `TRIFOLD_SEED` replays one burst; `TRIFOLD_BURSTS` sets how many are run. */
const replayed = process.env.TRIFOLD_SEED
const bursts = replayed ? 1 : Number(process.env.TRIFOLD_BURSTS ?? fewOrMany(6, 20))

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await createAggregates(database.pool)
})

afterAll(() => database?.close())

test(
  'delivers every event once and in order to readers that agree on its ordinal, whatever happens meanwhile',
  async () => {
    const first = replayed ? Number(replayed) : randomInt(2 ** 31)
    process.stdout.write(`${bursts} bursts from TRIFOLD_SEED=${first}\n`)
    for (let seed = first; seed < first + bursts; seed++) {
      expect(await burst(database, theFeed, seed), `TRIFOLD_SEED=${seed}`).toEqual([])
    }
  },
  300_000 + bursts * 15_000, // one takes two seconds
)
