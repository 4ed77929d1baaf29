import { expect } from 'vitest'
import type { Claim, Comparison } from '../../../packages/compare/src/comparison.ts'
import { figureAt } from '../../../packages/compare/src/figure-at.ts'
import { statedNumbers, states, valuesAt, withoutQuotations } from '../report/stated-numbers.ts'

/** Every figure that a claim cites stands in the document, and every number that it states is one of them. */
export function expectSupported(comparison: Comparison, { text, figures }: Claim): void {
  expect(figures.length, text).toBeGreaterThan(0)
  for (const path of figures) expect(figureAt(comparison, path), `${path} in: ${text}`).toBeDefined()
  const known = figures.filter((path) => typeof figureAt(comparison, path) !== 'string')
  const values = known.flatMap((path) => valuesAt(comparison, path))
  for (const one of statedNumbers(withoutQuotations(comparison, text, figures))) {
    expect(
      values.some((value) => states(one, value)),
      `${one.written} in: ${text} (${figures.join(', ')})`,
    ).toBe(true)
  }
}
