import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Change, dearAppend, disagrees, noSamples, onlySearchAnswers, slowRefresh } from '../report/changes.ts'
import { notMeasured, syntheticComparison } from '../report/synthetic.ts'
import { expectSupported } from './supported.ts'

describe('the claims of a recommendation', () => {
  it('state no number that is not the figure, or a percentile of the figure, that they cite', () => {
    const changes: (Change | undefined)[] = [
      undefined,
      disagrees,
      slowRefresh,
      dearAppend,
      noSamples,
      onlySearchAnswers,
    ]
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(),
          rows: fc.constantFrom(12, 4_000, 5_000_000),
          transactions: fc.constantFrom(0, 20, 300),
          targets: fc.constantFrom(
            ['table', 'view', 'search'] as const,
            ['table'] as const,
            ['view', 'search'] as const,
          ),
          latency: fc.record({ definition: fc.constantFrom(2, 14, 900), search: fc.constantFrom(0.6, 40) }),
        }),
        fc.nat(changes.length - 1),
        (wishes, i) => {
          const whole = wishes.targets.length === 3
          const comparison = syntheticComparison(whole && changes[i] ? { ...wishes, change: changes[i] } : wishes)
          for (const claim of comparison.recommendation.sentences) expectSupported(comparison, claim)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('notices a number that was made up', () => {
    const comparison = syntheticComparison()
    const made = { text: 'A rebuild takes 7.77 s.', figures: ['targets.0.rebuild'] }
    expect(() => expectSupported(comparison, made)).toThrow()
  })

  it('say what was not measured, with the reason', () => {
    const change: Change = ({ targets }) => {
      targets[0]!.rebuild = notMeasured('Another worker keeps it.')
    }
    const texts = syntheticComparison({ change }).recommendation.sentences.map((one) => one.text)
    expect(texts).toContain('Not measured for order_summary@table: the time of a rebuild (Another worker keeps it).')
  })
})
