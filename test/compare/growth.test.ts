import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Answerer, Growth } from '../../packages/compare/src/comparison.ts'
import { crossingsOf } from '../../packages/compare/src/growth/crossings.ts'
import { costAt, powerLaw } from '../../packages/compare/src/growth/power-law.ts'
import { growthOf } from '../../packages/compare/src/growth.ts'
import { around, randomOf } from './report/random.ts'
import { syntheticMeasured } from './report/synthetic.ts'

const sizes = [1_000, 10_000, 100_000, 1_000_000]

const factor = fc.double({ min: 1e-4, max: 1e4, noNaN: true })
const exponent = fc.double({ min: -0.5, max: 2.5, noNaN: true })
const law = fc.record({ factor, exponent })
type Law = { factor: number; exponent: number }

const pointsOf = (one: Law): Growth['points'] => sizes.map((size) => ({ size, cost: costAt(one, size) }))

function growthBy(by: Answerer, points: Growth['points'], cost = 'refresh'): Growth {
  return { cost, unit: 'ms', by, points, fit: powerLaw(points) }
}

const close = (one: number, other: number): boolean => Math.abs(one - other) <= 1e-6 * Math.max(1, Math.abs(other))

describe('the power law of a cost', () => {
  it('is recovered from points that follow one exactly', () => {
    fc.assert(
      fc.property(law, (one) => {
        const fit = powerLaw(pointsOf(one))!
        expect(close(fit.exponent, one.exponent)).toBe(true)
        expect(close(Math.log(fit.factor), Math.log(one.factor))).toBe(true)
        expect(fit.rSquared).toBeGreaterThan(0.999)
      }),
    )
  })

  it('has the squares of its residuals at the minimum', () => {
    const random = randomOf(5)
    const points = pointsOf({ factor: 2, exponent: 0.8 }).map(({ size, cost }) => ({
      size,
      cost: cost * (0.5 + random()),
    }))
    const fit = powerLaw(points)!
    const missed = (other: Law) =>
      points.reduce((sum, { size, cost }) => sum + (Math.log(cost) - Math.log(costAt(other, size))) ** 2, 0)
    for (const nudge of [0.99, 1.01]) {
      expect(missed({ ...fit, factor: fit.factor * nudge })).toBeGreaterThan(missed(fit))
      expect(missed({ ...fit, exponent: fit.exponent * nudge })).toBeGreaterThan(missed(fit))
    }
    expect(fit.rSquared).toBeLessThan(1)
  })

  it('is not told of two points, or of several at one size', () => {
    expect(powerLaw(pointsOf({ factor: 1, exponent: 1 }).slice(0, 2))).toBeUndefined()
    expect(powerLaw([1, 2, 3].map((cost) => ({ size: 1_000, cost })))).toBeUndefined()
  })

  it('meets a cost that does not grow', () => {
    expect(powerLaw(pointsOf({ factor: 3, exponent: 0 }))).toMatchObject({ rSquared: 1 })
  })
})

describe('a crossing', () => {
  it('is found where two exact laws meet, and says on which side each is cheaper', () => {
    fc.assert(
      fc.property(law, exponent, fc.double({ min: 110, max: 9e6, noNaN: true }), (one, other, size) => {
        const apart = [1_000, 1_000_000].map((end) => Math.abs((one.exponent - other) * Math.log(size / end)))
        fc.pre(Math.abs(one.exponent - other) > 0.06 && apart.every((distance) => distance > Math.log(1.2)))
        const met = { exponent: other, factor: costAt(one, size) / size ** other }
        const [found, ...more] = crossingsOf([growthBy('table', pointsOf(one)), growthBy('view', pointsOf(met))])
        expect(more).toEqual([])
        expect(close(found!.size / size, 1)).toBe(true)
        expect(found!.measured).toBe(found!.size >= 1_000 && found!.size <= 1_000_000)
        const below = found!.cheaperBelow === 'table' ? [one, met] : [met, one]
        expect(costAt(below[0]!, size / 2)).toBeLessThan(costAt(below[1]!, size / 2))
      }),
    )
  })

  it('is not told more than ten times beyond the measured sizes', () => {
    const flat = growthBy('table', pointsOf({ factor: 2e4, exponent: 0 }))
    expect(crossingsOf([flat, growthBy('view', pointsOf({ factor: 1e-3, exponent: 1 }))])).toEqual([])
  })

  it('is not told of parallel lines, of different costs or of costs that differ by their scatter only', () => {
    const one = pointsOf({ factor: 2, exponent: 1 })
    const noisy = pointsOf({ factor: 2, exponent: 1.01 }).map(({ size, cost }, i) => ({
      size,
      cost: cost * [0.8, 1.3, 0.7, 1.2][i]!,
    }))
    expect(crossingsOf([growthBy('table', one), growthBy('view', pointsOf({ factor: 4, exponent: 1 }))])).toEqual([])
    expect(crossingsOf([growthBy('table', one), growthBy('view', noisy)])).toEqual([])
    const other = growthBy('view', pointsOf({ factor: 2_000, exponent: 0 }), 'rebuild')
    expect(crossingsOf([growthBy('table', one), other])).toEqual([])
  })

  it.each([1, 1.2, 2, 5])(
    'is rarely told where none is, of three noisy sizes (costs apart by the factor %d)',
    (times) => {
      const random = randomOf(11)
      const three = sizes.slice(0, 3)
      const told = Array.from({ length: 1_000 }, () => {
        const noisy = (by: Answerer, median: number) =>
          growthBy(
            by,
            three.map((size) => ({ size, cost: around(random, median, 0.15) })),
          )
        return crossingsOf([noisy('table', 1), noisy('search', times)]).length
      })
      expect(told.reduce((sum, one) => sum + one) / told.length).toBeLessThan(0.07)
    },
  )

  it('is not told of costs that differ by less than a fifth, however well their points fit', () => {
    const table = growthBy('table', pointsOf({ factor: 5, exponent: 0.02 }))
    expect(crossingsOf([table, growthBy('view', pointsOf({ factor: 6, exponent: 0 }))])).toEqual([])
  })

  it('is found again among noise where there is one', () => {
    const random = randomOf(12)
    const noisy = (by: Answerer, one: Law) =>
      growthBy(
        by,
        pointsOf(one).map(({ size, cost }) => ({ size, cost: around(random, cost, 0.15) })),
      )
    const told = Array.from({ length: 200 }, () =>
      crossingsOf([noisy('table', { factor: 30, exponent: 0 }), noisy('view', { factor: 0.003, exponent: 1 })]),
    )
    expect(told.filter((one) => one[0]?.measured && one[0].cheaperBelow === 'view')).toHaveLength(200)
  })
})

describe('the growth of comparisons', () => {
  const compared = sizes.map((size) => ({
    size,
    comparison: syntheticMeasured({ rows: size, latency: { definition: size / 2_000, table: 1 } }),
  }))

  it('has a point for every size at which a cost was measured', () => {
    const { growth } = growthOf(compared)
    for (const one of growth) expect(one.points.map((point) => point.size)).toEqual(sizes)
    expect(growth.map((one) => `${one.by}: ${one.cost}`)).toContain('table: CPU time an event')
    expect(growth.map((one) => `${one.by}: ${one.cost}`)).not.toContain('search: CPU time an event') // its engine's CPU was not measured
  })

  it('sees a rebuild grow with the rows, and the definition cross the table', () => {
    const { growth, crossings } = growthOf(compared)
    const rebuild = growth.find((one) => one.cost === 'rebuild' && one.by === 'view')!
    expect(rebuild.fit!.exponent).toBeCloseTo(1)
    expect(crossings).toContainEqual(
      expect.objectContaining({
        cost: 'query “orders of a customer”',
        cheaperBelow: 'definition',
        cheaperAbove: 'table',
        measured: true,
      }),
    )
  })

  it('knows a derived query again that is named after a value of the data', () => {
    const named = compared.map(({ size, comparison }, i) => {
      const [first, ...others] = comparison.queries
      const request = { find: { where: { customer_id: i + 70 }, limit: 50 } }
      const query = { ...first!, named: false, name: `customer_id = ${i + 70}, by -created_at`, request }
      return { size, comparison: { ...comparison, queries: [query, ...others] } }
    })
    const { growth } = growthOf(named)
    const found = growth.find((one) => one.by === 'table' && one.cost === 'query “customer_id = …, by -created_at”')
    expect(found!.points.map((point) => point.size)).toEqual(sizes)
  })
})
