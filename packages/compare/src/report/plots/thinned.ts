import type { Sample } from '../../comparison.ts'
import { quantile } from '../../series.ts'

const bins = 160

/** At most three samples a step of time: the least, the median and the greatest, so that no outlier is lost. */
export function thinned(samples: readonly Sample[]): Sample[] {
  if (samples.length <= 3 * bins) return [...samples]
  return binned(samples, bins).flatMap((bin) => {
    const sorted = [...bin].sort((a, b) => a.value - b.value)
    return [...new Set([sorted[0]!, sorted[(sorted.length - 1) >> 1]!, sorted.at(-1)!])]
  })
}

/** The medians over steps of time, for a line through the samples. */
export function medians(samples: readonly Sample[], steps: number): Sample[] {
  return binned(samples, steps).map((bin) => ({
    at: mean(bin.map((one) => one.at)),
    value: quantile(
      bin.map((one) => one.value),
      0.5,
    ),
  }))
}

function binned(samples: readonly Sample[], count: number): Sample[][] {
  const times = samples.map((one) => one.at)
  const first = times.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY)
  const last = times.reduce((most, at) => Math.max(most, at), Number.NEGATIVE_INFINITY)
  const all = Array.from({ length: count }, (): Sample[] => [])
  for (const one of samples) {
    const share = last > first ? (one.at - first) / (last - first) : 0
    all[Math.min(count - 1, Math.floor(share * count))]!.push(one)
  }
  return all.filter((bin) => bin.length > 0)
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length
