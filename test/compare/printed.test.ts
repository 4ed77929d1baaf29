import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectPrintedFigures, overlongLines, printed } from './printed.ts'
import { type Change, disagrees, noSamples, onlySearchAnswers, scale, timed } from './report/changes.ts'
import { notMeasured, syntheticComparison } from './report/synthetic.ts'

const changes: (Change | undefined)[] = [
  undefined,
  disagrees,
  noSamples,
  onlySearchAnswers,
  ({ targets }) => {
    targets[1]!.neverSeen = 3
    targets[0]!.work.wal = notMeasured('PostgreSQL 14 does not tell it')
    targets[0]!.storage = notMeasured('its engine did not report it')
  },
  ({ queries }) => {
    timed(queries[1]!.answers[0]).equal = false
  },
]

describe('a printed comparison', () => {
  it('shows in every cell the figure of its raw samples, in at most 100 columns', () => {
    const wishes = fc.record({
      seed: fc.nat(),
      rows: fc.constantFrom(12, 4_000, 5_000_000),
      transactions: fc.constantFrom(20, 600),
      latency: fc.record({ definition: fc.constantFrom(0.004, 14, 900_000), search: fc.constantFrom(0.6, 40) }),
      change: fc.constantFrom(...changes),
    })
    fc.assert(
      fc.property(wishes, ({ change, ...rest }) => {
        const comparison = syntheticComparison(change ? { ...rest, change } : rest)
        expectPrintedFigures(comparison)
        expect(overlongLines(comparison)).toEqual([])
      }),
      { numRuns: 25 },
    )
  })

  it.each<[string, Change]>([
    ['a lag', ({ targets }) => void targets[0]!.lag.samples.splice(0, 300)],
    ['a latency', ({ queries }) => scale(timed(queries[0]!.answers[1]), 1.02)],
    ['work', ({ targets }) => Object.assign(targets[0]!.work.events, { value: 1_300 })],
    ['an append', ({ load }) => load.transactions.forEach((one) => void Object.assign(one, { append: 9 }))],
  ])('would be caught with the figure of %s made up', (_, change) => {
    const text = printed(syntheticComparison())
    expect(() => expectPrintedFigures(syntheticComparison({ change }), text)).toThrow()
  })
})
