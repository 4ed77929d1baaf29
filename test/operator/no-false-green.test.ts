import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { someOrAll } from '../support/long.ts'
import { createSearch, describeWithSearch, type TestSearch } from '../support/search.ts'
import { createFaultStand, type FaultStand } from './fault-stand.ts'
import { type Fault, faults, searchFaults } from './faults.ts'

const seed = Number(process.env.TRIFOLD_SEED ?? randomInt(1_000))

/** Two intervals of the view are less. By the clock of the database, so that a busy machine changes nothing. */
const limit = 10_000

const clock = async ({ project }: FaultStand): Promise<number> => {
  const { rows } = await project.database.pool.query('select extract(epoch from clock_timestamp()) * 1000 as now')
  return Number(rows[0].now)
}

/** Looks until the target is not green, or was mended. @throws if a status of later than the limit is still green */
async function expectSeen(stand: FaultStand, { hits, heals }: Fault): Promise<void> {
  const since = await clock(stand)
  for (;;) {
    const now = await stand.look()
    const target = now?.targets.find(({ materializer }) => materializer === hits)
    if (!now || !target || target.verdict !== 'green' || (await heals?.(stand))) return
    const after = Date.parse(now.feed.at) - since
    expect(after, `green ${after} ms after the fault: ${target.reason}`).toBeLessThan(limit)
  }
}

function room(cases: readonly Fault[], search?: () => TestSearch): void {
  let stand: FaultStand
  beforeAll(async () => {
    stand = await createFaultStand(search?.())
    await stand.whenGreen()
  })
  afterAll(() => stand?.close())

  it.each(cases)('for $name', async (fault) => {
    const undo = await fault.does(stand)
    try {
      await expectSeen(stand, fault)
    } finally {
      await undo()
    }
    await stand.whenGreen()
  })
}

describe(`no target is green (TRIFOLD_SEED=${seed})`, () => {
  room(someOrAll(faults, seed, 8))
})

describeWithSearch(`no index is green (TRIFOLD_SEED=${seed})`, () => {
  const search = inject('openSearchUrl') ? createSearch() : undefined
  afterAll(() => search?.close())
  room(someOrAll(searchFaults, seed, 3), () => search as TestSearch)
})
