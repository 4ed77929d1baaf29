import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { someOrAll } from '../support/long.ts'
import { describeWithSearch } from '../support/search.ts'
import { FaultStand } from './fault-stand.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_LEASE_MS = '1500'
})

const seed = Number(process.env.TRIFOLD_SEED ?? 1)
const faults = ['park:recorded:kill:1', 'park:recomputed:kill:2', 'park:recorded:freeze:2', 'park:recomputed:freeze:1']
const rounds = someOrAll(faults, seed, 4)

describeWithSearch(`a worker that ends while it parks an event (TRIFOLD_SEED=${seed})`, () => {
  let stand: FaultStand
  beforeAll(async () => {
    stand = await FaultStand.open(seed, rounds, true)
  })
  afterAll(() => stand?.close())

  const parked = async () =>
    Number((await stand.database.pool.query('select count(*) from trifold.parked')).rows[0].count)

  it.each(rounds)('leaves every row right, and no key suspect: %s', async (fault) => {
    const before = await parked()
    stand.load.run()
    const child = stand.child()
    try {
      const [point, how] = [fault.split(':').slice(0, 2).join(':'), fault.includes('kill') ? 'SIGKILL' : 'SIGSTOP']
      await child.prints(`fault point ${point}: ${how}`)
      await stand.expectAgreement(child, async () => {
        if (how === 'SIGKILL') return
        child.resume()
        await child.stop()
      })
    } finally {
      await child.kill()
    }
    expect(await parked()).toBeGreaterThan(before)
  })
})
