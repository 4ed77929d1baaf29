import { afterAll, beforeAll, it, vi } from 'vitest'
import { Random } from '../feed/random.ts'
import { someOrAll } from '../support/long.ts'
import { describeWithSearch } from '../support/search.ts'
import { until } from '../support/until.ts'
import type { WorkerChild } from '../support/worker-child.ts'
import { FaultStand } from './fault-stand.ts'

vi.hoisted(() => {
  process.env.TRIFOLD_LEASE_MS = '1500'
  process.env.TRIFOLD_RANGE_ROWS = '3' // tables are copied range by range
})

const seed = Number(process.env.TRIFOLD_SEED ?? 1)
const random = new Random(seed)
// Before and after each write of a step, with what was read still in hand.
const all = [
  'table:before-apply',
  'table:cursor-moved',
  'page:before-forget',
  'search:before-state',
  'search:before-bulk',
  'search:before-cursor',
  'search:ticked',
  'tick:before-store',
  'lease:backend-ended',
  'rebuild:range-read',
  'rebuild:range-copied',
  'rebuild:completed',
  'rebuild:written',
  'rebuild:named',
  'search:alias-moved',
].map((point) => `${point}:freeze:${random.between(1, 3)}`)
const rounds = someOrAll(all, seed, 8, 2)

/** How often a session of a target has begun or ended. */
const sessions = ({ observed }: WorkerChild): number =>
  observed.of('target.leased', 'target.waiting', 'target.retrying', 'lease.lost', 'feed.broken').length

const duringRebuild = /^(rebuild:|search:alias-moved)/

describeWithSearch(`a worker that is frozen between two steps (TRIFOLD_SEED=${seed})`, () => {
  let stand: FaultStand
  beforeAll(async () => {
    stand = await FaultStand.open(seed, rounds)
  })
  afterAll(() => stand?.close())

  it.each(rounds)('is replaced after its lease, and overwrites nothing when it goes on: %s', async (fault) => {
    if (duringRebuild.test(fault)) await stand.retireAll()
    stand.load.run()
    const frozen = stand.child()
    try {
      await frozen.prints(`fault point ${fault.split(':freeze')[0]}: SIGSTOP`)
      await stand.expectAgreement(frozen, async () => {
        const before = sessions(frozen)
        frozen.resume()
        // Every target's session ends: its connection is gone, or its lease or feed is. A ticker may have been frozen before
        // any target had a session: then there is nothing to find out.
        if (before > 0) await until('the frozen worker finds out', () => sessions(frozen) > before)
        await frozen.stop()
      })
    } finally {
      await frozen.kill()
    }
  })
})
