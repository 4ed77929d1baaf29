import type { Crossing, Growth } from '../comparison.ts'
import { costAt, type Fit, scatter } from './power-law.ts'

type Fitted = Growth & { fit: Fit }

/** How far beyond the measured sizes a crossing is still told, as a factor: further on the fit is no evidence. */
export const farthest = 10

/** Three points lie on a line by luck too: what differs by less than a fifth is not told apart, however well they fit. */
const leastDifference = Math.log(1.2)

/**
 * Where two fitted costs are equal: (factorA / factorB) ^ (1 / (exponentB - exponentA)). Told only if the points are
 * evidence of it: between the measured sizes, the two differ at the smallest and at the largest by more than twice the
 * scatter of their points and by more than a fifth; beyond them, they come closer from one end to the other by twice as
 * much. So costs that never cross are rarely said to (of two with three points each, 1 time in 20).
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
  const [first, last] = [apart(one, other, smallest), apart(one, other, largest)]
  const evidence = measured ? [first, last] : [(last - first) / 2]
  const chance = Math.max(leastDifference, 2 * Math.hypot(scatter(one), scatter(other)))
  if (!evidence.every((distance) => Math.abs(distance) > chance)) return []
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

/** As the logarithm of their ratio. */
const apart = (one: Fitted, other: Fitted, size: number): number =>
  Math.log(costAt(one.fit, size)) - Math.log(costAt(other.fit, size))
