import type { Sample, Series } from '../../../packages/compare/src/comparison.ts'

export function series(at: readonly number[], value: (at: number) => number): Series {
  return { unit: 'ms', samples: at.map((one): Sample => ({ at: rounded(one), value: rounded(value(one)) })) }
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000

/** Log-normal around a median. */
export function around(random: () => number, median: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return median * Math.exp(sigma * normal)
}

/** A linear congruential generator (Numerical Recipes): the same numbers for the same seed everywhere. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
