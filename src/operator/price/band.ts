import { type Hour, type Line, medianOf, valueOn } from './trend.ts'

/** How far a trend may be off on a day, up and down, with 95 % confidence. */
export type HalfWidth = (day: number) => number

/** 97.5 % of Student's t distribution with 1, 2, … degrees of freedom lie below; from the last on nearly 1.96 + 2.4 / degrees. */
const student = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
]

/** The variance of the median of many normal values, in that of their mean. */
const medianVariance = Math.PI / 2
/** The standard deviation of a normal distribution, in the median distance from its middle. */
const perMedianDistance = 1.4826

/** The middle of a day's hours: how far they lie from the trend, in units of the scale. */
interface Day {
  day: number
  off: number
  weight: number
}

/**
 * The confidence band of a regression line (Draper and Smith, Applied Regression Analysis, chapter 1), weighted by the scale of the noise,
 * from the middles of the days. Load may stay for days: their correlation from one to the next lowers the number of independent days, and
 * with it the degrees of freedom (Santer et al. 2000, J. Geophys. Res. 105, 7337). The wave over the day was estimated too, and what
 * its middle may be off is added.
 *
 * @param hours without the wave over the day, of at least three days
 * @param scaleOf to what the noise of a day is proportional, in the unit of the values
 * @param waves how many hours of the day the wave has
 * @param independent how many independent values a series of days is worth
 */
export function halfWidthOf(
  hours: readonly Hour[],
  line: Line,
  scaleOf: (day: number) => number,
  waves: number,
  independent = independentOf,
): HalfWidth {
  const relative = hours.map(({ day, value }) => ({ day, value: (value - valueOn(line, day)) / scaleOf(day) }))
  const days = middlesOf(relative, scaleOf)
  const freedom = Math.max(1, independent(days.map(({ off }) => off)) - 2)
  const variance = sum(days.map(({ off }) => off ** 2)) / freedom
  const weight = sum(days.map((one) => one.weight))
  const center = sum(days.map((one) => one.weight * one.day)) / weight
  const spread = sum(days.map((one) => one.weight * (one.day - center) ** 2))
  const ofWave = waveVariance(relative, days.length, waves)
  return (day) =>
    studentOf(freedom) * Math.sqrt(variance * (1 / weight + (day - center) ** 2 / spread) + ofWave * scaleOf(day) ** 2)
}

function middlesOf(relative: readonly Hour[], scaleOf: (day: number) => number): Day[] {
  const days = [...new Set(relative.map(({ day }) => Math.floor(day)))]
  return days.map((one) => {
    const hours = relative.filter(({ day }) => Math.floor(day) === one)
    const day = sum(hours.map((hour) => hour.day)) / hours.length
    return { day, off: medianOf(hours.map(({ value }) => value)), weight: 1 / scaleOf(day) ** 2 }
  })
}

/**
 * How many independent values a series is worth, by the correlation of neighbours; at most as many as it has. Around a line that was
 * fitted to so few values the correlation comes out too low, which is put right (Tjøstheim and Paulsen 1983, Biometrika 70, 389).
 */
export function independentOf(series: readonly number[]): number {
  const neighbours = sum(series.slice(1).map((value, place) => value * (series[place] as number)))
  const squares = sum(series.map((value) => value ** 2))
  const seen = squares === 0 ? 0 : neighbours / squares
  const correlation = Math.min(1, Math.max(0, seen + (2 + 4 * seen) / series.length))
  return (series.length * (1 - correlation)) / (1 + correlation)
}

/** The middle of the wave is the height of one hour of the day, or of two, each a median over the days. */
function waveVariance(relative: readonly Hour[], days: number, waves: number): number {
  if (waves < 2) return 0
  const deviation = perMedianDistance * medianOf(relative.map(({ value }) => Math.abs(value)))
  return (medianVariance * deviation ** 2) / days / (2 - (waves % 2))
}

const studentOf = (freedom: number): number => student[Math.floor(freedom) - 1] ?? 1.96 + 2.4 / freedom

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
