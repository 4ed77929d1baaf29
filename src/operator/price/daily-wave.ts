import { byHourOfDay, type Hour, type Line, medianOf } from './trend.ts'

/**
 * The hours without the wave that comes back every day: each value is divided by how far its hour of the day lies from the trend, in
 * the middle of all days. The middle one of the hours of the day stays as it is.
 *
 * @param hours with values above 0
 * @param trend of their logarithms
 */
export function withoutWave(hours: readonly Hour[], { slope, level }: Line): Hour[] {
  const waves = byHourOfDay(hours)
    .filter((alike) => alike.length > 0)
    .map((alike) => ({ alike, height: medianOf(alike.map(({ day, value }) => Math.log(value) - level - slope * day)) }))
  const middle = medianOf(waves.map(({ height }) => height))
  return waves.flatMap(({ alike, height }) =>
    alike.map(({ day, value }) => ({ day, value: value / Math.exp(height - middle) })),
  )
}
