// How each cost grows with the size of the data, and where one answerer becomes cheaper than another.
import type { Answerer, Comparison, Crossing, Growth } from './comparison.ts'
import { type Cost, costsOf } from './growth/costs.ts'
import { crossingsOf } from './growth/crossings.ts'
import { powerLaw } from './growth/power-law.ts'

/**
 * The costs of comparisons of the same read model at several sizes (rows of the definition): the medians of each query,
 * of a refresh and of the lag, the time of a rebuild, the storage and the CPU time an event, each with its power law
 * and the sizes at which two of them cross. A cost that was not measured at a size has no point there.
 */
export function growthOf(sizes: readonly { size: number; comparison: Omit<Comparison, 'recommendation'> }[]): {
  growth: Growth[]
  crossings: Crossing[]
} {
  const series = new Map<string, Growth>()
  for (const { size, comparison } of [...sizes].sort((a, b) => a.size - b.size)) {
    for (const one of costsOf(comparison)) pointsOf(series, one).push({ size, cost: one.value })
  }
  const growth = [...series.values()].map((one) => ({ ...one, fit: powerLaw(one.points) }))
  return { growth, crossings: crossingsOf(growth) }
}

function pointsOf(series: Map<string, Growth>, { cost, unit, by }: Cost): Growth['points'] {
  const name = nameOf(cost, by)
  const known = series.get(name) ?? { cost, unit, by, points: [], fit: undefined }
  series.set(name, known)
  return known.points
}

const nameOf = (cost: string, by: Answerer): string => `${by} ${cost}`
