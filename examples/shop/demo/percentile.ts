/** The value below which the share `p` (0 to 1) of the values lies, by the nearest rank; undefined of nothing. */
export function percentile(values: readonly number[], p: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]
}

/** Half and nearly all of some measurements in milliseconds, and how many there were. */
export interface Spread {
  p50: number | undefined
  p99: number | undefined
  count: number
}

export const spreadOf = (values: readonly number[]): Spread => ({
  p50: percentile(values, 0.5),
  p99: percentile(values, 0.99),
  count: values.length,
})
