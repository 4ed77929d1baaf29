import { describe, expect, it } from 'vitest'
import { type Circumstances, remarksOf } from '../../packages/compare/src/remarks.ts'
import type { Stage } from '../../packages/compare/src/stage.ts'

const stage = { targets: [] as Stage['targets'] } as Stage
const quiet: Circumstances = {
  load: { kind: 'rate', rate: 20, reached: 19.4 },
  signs: { looks: [], writes: undefined },
  setting: { cpus: 2 },
  busy: 0.3,
  seconds: 60,
  interval: 30_000,
}

describe('the remarks of a comparison', () => {
  it('are none where nothing has to be known beside the figures', () => {
    expect(remarksOf(stage, quiet)).toEqual([])
  })

  it('say that the rate was not reached', () => {
    expect(remarksOf(stage, { ...quiet, load: { kind: 'rate', rate: 40, reached: 22.14 } })).toEqual([
      'Only 22.1 of 40 transactions a second were reached, so the transactions waited for each other or for the machine: a lower --rate shows what one costs.',
    ])
  })

  it.each([
    [
      60_000,
      'The view is refreshed every 60 s, and the load went on for 60 s: its lag depends',
      'A longer load tells more (--for 240s).',
    ],
    [3_600_000, 'every 3600 s, and the load', 'very few refreshes.'],
  ])('say that the load was short beside an interval of %i ms', (interval, words, end) => {
    const [remark, ...more] = remarksOf(stage, { ...quiet, interval })
    expect(remark).toContain(words)
    expect(remark?.endsWith(end)).toBe(true)
    expect(more).toEqual([])
    expect(remarksOf(stage, { ...quiet, interval: 30_000, seconds: 59.98 })).toEqual([])
  })

  it('say that the machine was busy, and that the database looked as if it were in use', () => {
    const signs = { looks: ['its name (shop_production) says "prod"'], writes: 'others write to it: 9 rows' }
    const [inUse, busy] = remarksOf(stage, { ...quiet, signs, busy: 3.52 })
    expect(inUse).toMatch(
      /^The database looked as if it were in use: its name .* says "prod"; others write to it: 9 rows\. So no index/,
    )
    expect(busy).toMatch(/^The machine was busy before the comparison began \(load 3\.5 on 2 cores\)/)
  })
})
