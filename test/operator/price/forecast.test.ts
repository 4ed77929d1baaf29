import { describe, expect, it } from 'vitest'
import { crossingOf, type RefreshHour } from '../../../src/operator/price/forecast.ts'
import { medianOf } from '../../../src/operator/price/trend.ts'
import { Random } from '../../feed/random.ts'

const seeds = Array.from({ length: 100 }, (_, seed) => seed + 1)
const kept = 30
const firstDay = 20_000
const perHour = 12

type Growth = (days: number) => number

/** What grows to a hundred times itself within a year, by an amount each day or by a share. */
const growths: Record<string, Growth> = {
  linear: (days) => 1 + (99 * days) / 365,
  exponential: (days) => 100 ** (days / 365),
}

const normalOf = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())

/**
 * Thirty days of refreshes: a wave over the day, hours of load, and noise of 12 % in each refresh.
 *
 * @param until days since the growth began
 */
function history(seed: number, grown: Growth, until: number): RefreshHour[] {
  const random = new Random(seed)
  const load = Array.from({ length: 24 * kept }, () => (random.chance(0.03) ? 3 : 1))
  return load.map((times, hour) => {
    const days = until - kept + hour / 24
    const noise = medianOf(Array.from({ length: perHour }, () => Math.exp(0.12 * normalOf(random))))
    const wave = 1 + 0.3 * Math.sin(2 * Math.PI * days)
    const rows = Math.round(10_000 * grown(days))
    return { day: firstDay + days, milliseconds: 100 * grown(days) * wave * times * noise, rows }
  })
}

/** The days from the question to the answer. */
function asked(seed: number, grown: Growth, until: number, reached: number) {
  const found = crossingOf(history(seed, grown, until), 100 * grown(reached), firstDay + until)
  const ahead = (day: number | undefined) => (day === undefined ? Number.POSITIVE_INFINITY : day - firstDay - until)
  return { day: ahead(found?.day), earliest: ahead(found?.earliest), latest: ahead(found?.latest), kind: found?.kind }
}

const days = [45, 100, 200, 300]

describe.each(Object.entries(growths))('refreshes whose %s growth is a hundred times in a year', (kind, grown) => {
  const cases = seeds.flatMap((seed) =>
    days.flatMap((until) =>
      [30, 60].map((ahead) => ({ seed, until, ahead, ...asked(seed, grown, until, until + ahead) })),
    ),
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

  it('stop fitting within the interval of confidence', () => {
    const inside = cases.filter(({ earliest, ahead, latest }) => earliest <= ahead && ahead <= latest)
    expect(inside.length / cases.length).toBeGreaterThan(0.85) // its wave is estimated too, for which it has no room
  })
})
