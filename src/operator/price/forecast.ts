import { withoutWave } from './daily-wave.ts'
import { type Hour, type Line, medianOf, trendOf } from './trend.ts'

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
 * by the rows, which vary less than the durations; how fast, by the durations ({@link trendOf}).
 *
 * @param hours with values above 0
 * @param now days since 1970
 * @returns undefined if the hours are too few ({@link trendOf})
 */
export function crossingOf(hours: readonly RefreshHour[], limit: number, now: number): Crossing | undefined {
  const kind = growthOf(hours.map(({ day, rows }) => ({ day, value: rows })))
  const took = hours.map(({ day, milliseconds }) => ({ day, value: milliseconds }))
  const wave = trendOf(logarithmsOf(took))
  if (!wave) return undefined
  const even = withoutWave(took, wave)
  const trend = trendOf(kind === 'linear' ? even : logarithmsOf(even))
  if (!trend) return undefined
  const meetsLimit = (line: Line) => meets(line, kind === 'linear' ? limit : Math.log(limit), now)
  const { slope, level } = trend
  return {
    day: meetsLimit(trend),
    earliest: meetsLimit(trend.high),
    latest: meetsLimit(trend.low),
    growthPerDay: kind === 'linear' ? slope / (level + slope * now) : Math.exp(slope) - 1,
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

/** The day from now on on which a line reaches a height; undefined if it does not within ten years. */
function meets({ slope, level }: Line, height: number, now: number): number | undefined {
  if (level + slope * now >= height) return now
  const day = (height - level) / slope
  return slope > 0 && day <= now + farthest ? day : undefined
}
