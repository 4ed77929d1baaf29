import { halfWidthOf, type independentOf } from './band.ts'
import { withoutWave } from './daily-wave.ts'
import { byHourOfDay, type Hour, medianOf, trendOf, valueOn } from './trend.ts'

/** The refreshes of an hour, in the middle: how long they took, and the rows that they gave. */
export interface RefreshHour {
  /** Days since 1970, UTC. */
  day: number
  milliseconds: number
  rows: number
}

/** By an amount each day, or by a share of itself. */
export type GrowthKind = 'linear' | 'exponential'

/** When refreshes that grow longer reach a limit. Days are since 1970, UTC; undefined means not within ten years. */
export interface Crossing {
  day: number | undefined
  /** With 95 % confidence not before, and not after. */
  earliest: number | undefined
  latest: number | undefined
  /** By how much of itself a refresh grows each day now; 0.01 is one percent. */
  growthPerDay: number
  kind: GrowthKind
}

const farthest = 3_650

/**
 * The day on which refreshes that grow as they have reach a limit. Whether they grow along a line or by a share of themselves is told
 * by the rows, which vary less than the durations; how fast, by the durations ({@link trendOf}). The interval of confidence is from
 * where the upper edge of the band around the trend meets the limit to where the lower one does (inverse regression, Fieller 1954).
 *
 * @param hours with values above 0
 * @param now days since 1970
 * @param independent how many independent values a series of days is worth
 * @returns undefined if the hours are too few ({@link trendOf})
 */
export function crossingOf(
  hours: readonly RefreshHour[],
  limit: number,
  now: number,
  independent?: typeof independentOf,
): Crossing | undefined {
  const kind = growthOf(hours.map(({ day, rows }) => ({ day, value: rows })))
  const took = hours.map(({ day, milliseconds }) => ({ day, value: milliseconds }))
  const wave = trendOf(logarithmsOf(took))
  if (!wave) return undefined
  const even = withoutWave(took, wave)
  const values = kind === 'linear' ? even : logarithmsOf(even)
  const trend = trendOf(values)
  if (!trend) return undefined
  const least = even.reduce((before, { value }) => Math.min(before, value), Number.POSITIVE_INFINITY)
  const scaleOf = (day: number) => (kind === 'linear' ? Math.max(valueOn(trend, day), least) : 1)
  const waves = byHourOfDay(took).filter(({ length }) => length > 0).length
  const halfWidth = halfWidthOf(values, trend, scaleOf, waves, independent)
  const height = kind === 'linear' ? limit : Math.log(limit)
  const meetsAt = (sign: number) => meets((day) => valueOn(trend, day) + sign * halfWidth(day), height, now)
  return {
    day: meetsAt(0),
    earliest: meetsAt(1),
    latest: meetsAt(-1),
    growthPerDay: kind === 'linear' ? trend.slope / valueOn(trend, now) : Math.exp(trend.slope) - 1,
    kind,
  }
}

/** Rows that grow by a share of themselves lie clearly nearer to such a curve than to a line. */
const clearly = 0.8

function growthOf(rows: readonly Hour[]): GrowthKind {
  const known = rows.filter(({ value }) => value > 0)
  const [line, curve] = [trendOf(known), trendOf(logarithmsOf(known))]
  if (!line || !curve) return 'linear'
  const away = (on: (day: number) => number) => medianOf(known.map(({ day, value }) => Math.abs(value - on(day))))
  const fromLine = away((day) => line.level + line.slope * day)
  const fromCurve = away((day) => Math.exp(curve.level + curve.slope * day))
  return fromCurve < clearly * fromLine ? 'exponential' : 'linear'
}

const logarithmsOf = (hours: readonly Hour[]): Hour[] =>
  hours.map(({ day, value }) => ({ day, value: Math.log(value) }))

/** Ten years, halved so often, are less than a tenth of a second. */
const halvings = 32

/** The day from now on on which a curve that bends one way only reaches a height for good; undefined if it does not within ten years. */
function meets(curve: (day: number) => number, height: number, now: number): number | undefined {
  if (curve(now) >= height) return now
  let [below, reached] = [now, now + farthest]
  if (curve(reached) < height) return undefined
  for (let halving = 0; halving < halvings; halving++) {
    const middle = (below + reached) / 2
    if (curve(middle) >= height) reached = middle
    else below = middle
  }
  return reached
}
