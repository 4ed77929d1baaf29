/** What was measured in an hour: its middle, of all that began in that hour. */
export interface Hour {
  /** Days since 1970, UTC. */
  day: number
  value: number
}

/** A straight line through hours: how much the value grows each day, and where it stands on day 0. */
export interface Line {
  slope: number
  level: number
}

/** The line, and the two lines between which it is with 95 % confidence. */
export interface Trend extends Line {
  low: Line
  high: Line
}

/** 95 % of a normal distribution lie so many standard deviations around its mean. */
const z = 1.96

/**
 * The trend of hours: the middle of the slopes between any two of them, which a few hours of load or of locks do not move
 * (Theil 1950, Sen 1968). Only the same hours of different days are compared, so that a wave that comes back every day is no growth
 * (the seasonal slope of Hirsch, Slack and Smith 1982). The interval of confidence goes by the ranks of the slopes (Sen 1968), whose
 * variance is that of Kendall's tau, summed over the hours of the day, and the heights of the two lines by the ranks of the hours. It
 * takes hours for independent: a load that stays for days makes it too narrow.
 *
 * @returns undefined if there are too few for an interval of confidence: five days of one refresh each are enough, or three of 24
 */
export function trendOf(hours: readonly Hour[]): Trend | undefined {
  const alike = byHourOfDay(hours)
  const slopes = alike.flatMap(slopesBetween).sort((a, b) => a - b)
  const variance = alike.reduce((sum, { length: n }) => sum + (n * (n - 1) * (2 * n + 5)) / 18, 0)
  const spread = z * Math.sqrt(variance)
  if (slopes.length <= spread) return undefined
  const low = slopes[Math.floor((slopes.length - spread) / 2)] as number
  const high = slopes[Math.min(slopes.length - 1, Math.ceil((slopes.length + spread) / 2))] as number
  return { ...through(hours, medianOf(slopes)), low: through(hours, low, -z), high: through(hours, high, z) }
}

/** 24 lists, from the hour at midnight UTC on. */
export const byHourOfDay = (hours: readonly Hour[]): Hour[][] =>
  Array.from({ length: 24 }, (_, hour) => hours.filter(({ day }) => Math.round(day * 24) % 24 === hour))

function slopesBetween(hours: readonly Hour[]): number[] {
  return hours.flatMap((one, place) =>
    hours.slice(place + 1).map((other) => (other.value - one.value) / (other.day - one.day)),
  )
}

/** With that slope, as many hours lie above the line as below. @param off so many standard deviations of this middle away */
function through(hours: readonly Hour[], slope: number, off = 0): Line {
  const levels = hours.map(({ day, value }) => value - slope * day)
  return { slope, level: quantileOf(levels, 0.5 + off / (2 * Math.sqrt(levels.length))) }
}

/** @param values at least one */
export const medianOf = (values: readonly number[]): number => quantileOf(values, 0.5)

function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = Math.min(1, Math.max(0, share)) * (sorted.length - 1)
  return ((sorted[Math.floor(place)] as number) + (sorted[Math.ceil(place)] as number)) / 2
}
