import type { Crossing, Growth } from '../comparison.ts'
import { costAt, type Fit, scatter } from './power-law.ts'

type Fitted = Growth & { fit: Fit }

/** How far beyond the measured sizes a crossing is still told, as a factor: further on the fit is no evidence. */
export const farthest = 10

/**
 * Where two fitted costs are equal: (factorA / factorB) ^ (1 / (exponentB - exponentA)). Told only where the two
 * differ by more than twice the scatter of their points at the measured size that lies farther from the crossing, at the
 * smallest and at the largest where it lies between them: else where their lines meet is chance.
 */
export function crossingsOf(growth: readonly Growth[]): Crossing[] {
  const fitted = growth.filter((one): one is Fitted => one.fit !== undefined)
  return fitted.flatMap((one, i) =>
    fitted.slice(i + 1).flatMap((other) => (other.cost === one.cost ? crossing(one, other) : [])),
  )
}

function crossing(one: Fitted, other: Fitted): Crossing[] {
  const steeper = one.fit.exponent > other.fit.exponent ? one : other
  const flatter = steeper === one ? other : one
  const size = meeting(steeper.fit, flatter.fit)
  const [smallest, largest] = measuredByBoth(one, other)
  if (!(size >= smallest / farthest && size <= largest * farthest)) return []
  const measured = size >= smallest && size <= largest
  const evidence = measured ? [smallest, largest] : [size < smallest ? largest : smallest]
  if (!evidence.every((at) => differ(one, other, at))) return []
  return [{ cost: one.cost, cheaperBelow: steeper.by, cheaperAbove: flatter.by, size, measured }]
}

/** NaN for parallel lines. */
function meeting(steeper: Fit, flatter: Fit): number {
  const between = steeper.exponent - flatter.exponent
  return between < 1e-9 ? Number.NaN : Math.exp((Math.log(flatter.factor) - Math.log(steeper.factor)) / between)
}

function measuredByBoth(one: Growth, other: Growth): [smallest: number, largest: number] {
  const ends = [one, other].map(({ points }) => points.map((point) => point.size))
  return [Math.max(...ends.map((sizes) => Math.min(...sizes))), Math.min(...ends.map((sizes) => Math.max(...sizes)))]
}

function differ(one: Fitted, other: Fitted, size: number): boolean {
  const apart = Math.abs(Math.log(costAt(one.fit, size)) - Math.log(costAt(other.fit, size)))
  return apart > 2 * Math.hypot(scatter(one), scatter(other))
}
