import { describe, expect, it } from 'vitest'
import { medianOf } from '../../../src/operator/price/trend.ts'
import { fewOrMany } from '../../support/long.ts'
import { asked, type Disturbance, growths, ordinary } from './simulated.ts'

const seeds = (count: number) => Array.from({ length: count }, (_, seed) => seed + 1)
const days = [45, 100, 200, 300]

describe.each(Object.entries(growths))('refreshes whose %s growth is a hundred times in a year', (kind, grown) => {
  const cases = seeds(fewOrMany(60, 100)).flatMap((seed) =>
    days.flatMap((until) => [30, 60].map((ahead) => ({ seed, until, ahead, ...asked({ seed, grown, until, ahead }) }))),
  )

  it('stop fitting within 10 % of the day that is told', () => {
    for (const { day, ahead, seed, until, ...found } of cases) {
      const wrong = `seed ${seed}, asked on day ${until}: in ${day} days, which is in ${ahead} days`
      expect.soft(Math.abs(day - ahead), wrong).toBeLessThan(0.1 * (until + ahead))
      expect.soft(found.kind).toBe(kind)
    }
  })

  it('stop fitting within 10 % of the days until then, in nine of ten cases', () => {
    const close = cases.filter(({ day, ahead }) => Math.abs(day - ahead) < 0.1 * ahead)
    expect(close.length / cases.length).toBeGreaterThan(0.9)
  })

  it('stop fitting within the interval of confidence, which is not so wide that it says nothing', () => {
    expect(heldBy(cases)).toBeGreaterThan(0.94)
    expect(medianOf(cases.map(({ earliest, latest, ahead }) => (latest - earliest) / ahead))).toBeLessThan(0.5)
  })
})

/** The share of the cases whose day is in the interval of confidence. */
const heldBy = (cases: readonly { earliest: number; ahead: number; latest: number }[]): number =>
  cases.filter(({ earliest, ahead, latest }) => earliest <= ahead && ahead <= latest).length / cases.length

const stays: Disturbance = { ...ordinary, daily: { noise: 0.1, correlation: 0.6 } }

const disturbances: Record<string, Disturbance> = {
  'load that stays for days': stays,
  'three times the noise': { ...ordinary, noise: 0.4 },
  'no wave over the day': { ...ordinary, wave: 0 },
  'refreshes in eight hours of the day only': { ...ordinary, hours: 8 },
  'a history of ten days': { ...ordinary, kept: 10, daily: { noise: 0.05, correlation: 0.3 } },
}

const disturbed = (disturbance: Disturbance, independent?: Parameters<typeof asked>[2]) =>
  seeds(fewOrMany(10, 50)).flatMap((seed) =>
    days.flatMap((until) =>
      Object.values(growths).map((grown) => ({
        ahead: 30,
        ...asked({ seed: 1_000 * until + seed, grown, until, ahead: 30 }, disturbance, independent),
      })),
    ),
  )

describe('the interval of confidence', () => {
  it.each(Object.entries(disturbances))('holds the day with %s', (_, disturbance) => {
    expect(heldBy(disturbed(disturbance))).toBeGreaterThan(0.85) // of 95 %: so few days show only a part of how load stays
  })

  it('would not, with load that stays for days, if each day counted as independent', () => {
    expect(heldBy(disturbed(stays, (series) => series.length))).toBeLessThan(0.8)
  })
})
