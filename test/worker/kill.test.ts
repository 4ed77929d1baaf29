import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { Random } from '../feed/random.ts'
import { someOrAll } from '../support/long.ts'
import { describeWithSearch } from '../support/search.ts'
import { faultPoints } from './fault-points.ts'
import { FaultStand } from './fault-stand.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_RANGE_ROWS = '3' // tables are copied range by range, and continued
})

const seed = Number(process.env.TRIFOLD_SEED ?? 1)
const random = new Random(seed)
const rounds = someOrAll(
  (await faultPoints()).map((point) => `${point}:kill:${random.between(1, 3)}`),
  seed,
  8,
  2,
)

/** Milliseconds for which a busy machine is written while the worker comes to its step. */
const enoughLoad = 30_000

const duringRebuild = /^(rebuild:|search:alias-moved)/

describeWithSearch(`a worker that is killed between two steps (TRIFOLD_SEED=${seed})`, () => {
  let stand: FaultStand
  beforeAll(async () => {
    stand = await FaultStand.open(seed, rounds)
  })
  afterAll(() => stand?.close())

  it.each(rounds)('loses and doubles nothing: %s', async (fault) => {
    if (duringRebuild.test(fault)) await stand.retireAll()
    stand.load.run()
    const child = stand.child()
    // Where a target cannot keep up with the writers, the builds behind it would not come to their step.
    const relief = setTimeout(() => void stand.load.pause(), enoughLoad)
    try {
      await child.ended()
      expect(child.printed).toContain(`fault point ${fault.split(':kill')[0]}: SIGKILL`)
      await stand.expectAgreement(child)
    } finally {
      clearTimeout(relief)
      await child.kill() // one that was not would keep its targets from the next test
    }
  })
})
