import { describe, expect, it } from 'vitest'
import { aboutTheSame } from '../../packages/compare/src/series.ts'

describe('two series', () => {
  const around = (middle: number, spread: number) => [0.5, 0.75, 1, 1.25, 1.5].map((i) => middle + (i - 1) * spread)

  it.each([
    ['whose medians differ by less than the samples spread', around(10, 8), around(12, 2), true],
    ['whose medians differ by more than the samples spread', around(10, 1), around(12, 1), false],
    ['one of which is more than twice as fast, however they spread', around(4, 9), around(10, 30), false],
    ['that are equal and do not spread', [3, 3, 3], [3, 3, 3], true],
  ])('%s', (_, one, other, same) => {
    expect(aboutTheSame(one, other)).toBe(same)
    expect(aboutTheSame(other, one)).toBe(same)
  })
})
