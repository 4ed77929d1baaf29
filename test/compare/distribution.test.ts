import { expect, it } from 'vitest'
import { distributionOf, percentile } from '../../packages/compare/src/distribution.ts'

it('takes percentiles by the nearest rank: each is one of the values', () => {
  const values = [15, 20, 35, 40, 50] // the example of Wikipedia's article on percentiles
  expect([0.05, 0.3, 0.4, 0.5, 1].map((share) => percentile(values, share))).toEqual([15, 20, 20, 35, 50])
})

it('does not mind the order of the values, nor that there is one', () => {
  expect(distributionOf([3, 1, 2])).toEqual({ count: 3, p50: 2, p95: 3, p99: 3, max: 3 })
  expect(distributionOf([7])).toEqual({ count: 1, p50: 7, p95: 7, p99: 7, max: 7 })
})

it('has nothing to say of nothing', () => {
  expect(distributionOf([])).toBeUndefined()
  expect(percentile([], 0.5)).toBeUndefined()
})
