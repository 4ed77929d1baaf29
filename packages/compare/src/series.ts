import type { Series } from './comparison.ts'
import { percentile } from './distribution.ts'

export const valuesOf = (series: Series): number[] => series.samples.map((sample) => sample.value)

/** The percentile `p` (0 to 1) of the values, one of them; NaN if there are none. */
export const quantile = (values: readonly number[], p: number): number => percentile(values, p) ?? Number.NaN

/** The distance between the first and the third quartile: how far single samples lie apart. */
export const spread = (values: readonly number[]): number => quantile(values, 0.75) - quantile(values, 0.25)

/**
 * Whether the medians differ by less than the greater spread of the two, and by less than half of the greater median:
 * then neither is called faster.
 */
export function aboutTheSame(one: readonly number[], other: readonly number[]): boolean {
  const medians = [quantile(one, 0.5), quantile(other, 0.5)]
  const [less, more] = [Math.min(...medians), Math.max(...medians)]
  return more - less <= Math.max(spread(one), spread(other)) && more - less <= more / 2
}
