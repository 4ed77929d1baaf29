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

/** The value of a line on a day. */
export const valueOn = ({ slope, level }: Line, day: number): number => level + slope * day

/** 95 % of a normal distribution lie so many standard deviations around its mean. */
const z = 1.96

/**
 * The trend of hours: the middle of the slopes between any two of them, which a few hours of load or of locks do not move
 * (Theil 1950, Sen 1968). Only the same hours of different days are compared, so that a wave that comes back every day is no growth
 * (the seasonal slope of Hirsch, Slack and Smith 1982).
 *
 * @returns undefined if there are too few for an interval of confidence of the slope by its ranks (Sen 1968): five days of one refresh
 * each are enough, or three of 24
 */
export function trendOf(hours: readonly Hour[]): Line | undefined {
  const alike = byHourOfDay(hours)
  const slopes = alike.flatMap(slopesBetween)
  const variance = alike.reduce((sum, { length: n }) => sum + (n * (n - 1) * (2 * n + 5)) / 18, 0)
  if (slopes.length <= z * Math.sqrt(variance)) return undefined
  const slope = medianOf(slopes)
  return { slope, level: medianOf(hours.map(({ day, value }) => value - slope * day)) } // as many hours above as below
}

/** 24 lists, from the hour at midnight UTC on. */
export const byHourOfDay = (hours: readonly Hour[]): Hour[][] =>
  Array.from({ length: 24 }, (_, hour) => hours.filter(({ day }) => Math.round(day * 24) % 24 === hour))

function slopesBetween(hours: readonly Hour[]): number[] {
  return hours.flatMap((one, place) =>
    hours.slice(place + 1).map((other) => (other.value - one.value) / (other.day - one.day)),
  )
}

/** @param values at least one */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2
}
