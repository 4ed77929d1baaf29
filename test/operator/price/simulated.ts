import { crossingOf, type RefreshHour } from '../../../src/operator/price/forecast.ts'
import { medianOf } from '../../../src/operator/price/trend.ts'
import { Random } from '../../feed/random.ts'

export type Growth = (days: number) => number

/** What grows to a hundred times itself within a year, by an amount each day or by a share. */
export const growths: Record<'linear' | 'exponential', Growth> = {
  linear: (days) => 1 + (99 * days) / 365,
  exponential: (days) => 100 ** (days / 365),
}

/** What disturbs refreshes besides hours of load. Noise is the standard deviation of logarithms. */
export interface Disturbance {
  noise: number
  /** How high the wave over the day is, as a share of the middle. */
  wave: number
  /** The days of the history. */
  kept: number
  /** In how many hours of the day, from midnight on, refreshes run. */
  hours: number
  /** The noise of whole days, and the correlation from one to the next. */
  daily?: { noise: number; correlation: number }
}

export const ordinary: Disturbance = { noise: 0.12, wave: 0.3, kept: 30, hours: 24 }

const firstDay = 20_000
const perHour = 12

const normalOf = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())

/** How much longer or shorter refreshes are on each day, as factors. */
function dailyFactors(random: Random, { kept, daily = { noise: 0, correlation: 0 } }: Disturbance): number[] {
  const fresh = Math.sqrt(1 - daily.correlation ** 2)
  let now = normalOf(random)
  return Array.from({ length: kept }, () => {
    now = daily.correlation * now + fresh * normalOf(random)
    return Math.exp(daily.noise * now)
  })
}

const waveAt = (days: number, { wave }: Disturbance): number => 1 + wave * Math.sin(2 * Math.PI * days)

/** Days of refreshes with a wave over the day, hours of load, and noise in each refresh. @param until days since the growth began */
function history(seed: number, grown: Growth, until: number, disturbance: Disturbance): RefreshHour[] {
  const random = new Random(seed)
  const { kept, hours, noise } = disturbance
  const load = Array.from({ length: 24 * kept }, () => (random.chance(0.03) ? 3 : 1))
  const factors = dailyFactors(random, disturbance)
  return load.flatMap((times, hour) => {
    if (hour % 24 >= hours) return []
    const days = until - kept + hour / 24
    const noisy = medianOf(Array.from({ length: perHour }, () => Math.exp(noise * normalOf(random))))
    const factor = waveAt(days, disturbance) * times * noisy * (factors[Math.floor(hour / 24)] as number)
    return { day: firstDay + days, milliseconds: 100 * grown(days) * factor, rows: Math.round(10_000 * grown(days)) }
  })
}

/** What refreshes take in the middle hour of the day that is reached. */
const limitOn = (reached: number, grown: Growth, disturbance: Disturbance): number =>
  100 *
  grown(reached) *
  medianOf(Array.from({ length: disturbance.hours }, (_, hour) => waveAt(hour / 24, disturbance)))

/** The days from the question to the answer, which is `ahead` days away. */
export function asked(
  { seed, grown, until, ahead }: { seed: number; grown: Growth; until: number; ahead: number },
  disturbance = ordinary,
  independent?: Parameters<typeof crossingOf>[3],
) {
  const limit = limitOn(until + ahead, grown, disturbance)
  const found = crossingOf(history(seed, grown, until, disturbance), limit, firstDay + until, independent)
  const away = (day: number | undefined) => (day === undefined ? Number.POSITIVE_INFINITY : day - firstDay - until)
  return { day: away(found?.day), earliest: away(found?.earliest), latest: away(found?.latest), kind: found?.kind }
}
