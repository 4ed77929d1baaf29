/** How measured values spread: nearest-rank percentiles, so that each is a value that was measured. */
export interface Distribution {
  count: number
  p50: number
  p95: number
  p99: number
  max: number
}

/** Undefined of nothing. */
export function distributionOf(values: readonly number[]): Distribution | undefined {
  if (values.length === 0) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => ranked(sorted, share)
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) as number }
}

/**
 * The value at or below which the share `share` (0 to 1) of the values lies, by the nearest rank
 * (https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method); undefined of nothing.
 */
export function percentile(values: readonly number[], share: number): number | undefined {
  if (values.length === 0) return undefined
  return ranked(
    values.toSorted((a, b) => a - b),
    share,
  )
}

const ranked = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number
