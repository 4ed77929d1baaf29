import type { Growth } from '../comparison.ts'

export type Fit = NonNullable<Growth['fit']>

/**
 * cost = factor * size ^ exponent by ordinary least squares of the logarithms (a straight line on log-log axes; closed
 * form, see Draper and Smith, Applied Regression Analysis, 3rd ed., 1998, section 1.2). `rSquared` is that of the
 * logarithms; 1 if all costs are equal, which a flat line meets exactly. Undefined with fewer than three points, or
 * with all of them at one size.
 */
export function powerLaw(points: Growth['points']): Fit | undefined {
  if (points.length < 3) return undefined
  const x = points.map((one) => Math.log(one.size))
  const y = points.map((one) => Math.log(one.cost))
  const spreadOfX = products(x, x)
  if (spreadOfX < 1e-12) return undefined
  const exponent = products(x, y) / spreadOfX
  const factor = Math.exp(mean(y) - exponent * mean(x))
  const left = squares(residuals(points, { factor, exponent }))
  const all = products(y, y)
  return { factor, exponent, rSquared: all < 1e-18 ? 1 : 1 - left / all }
}

export const costAt = ({ factor, exponent }: Pick<Fit, 'factor' | 'exponent'>, size: number): number =>
  factor * size ** exponent

/** How far the points lie from the fitted line, as the standard deviation of the logarithms. */
export function scatter({ points, fit }: Growth): number {
  if (!fit) return Number.NaN
  return Math.sqrt(squares(residuals(points, fit)) / (points.length - 2))
}

const residuals = (points: Growth['points'], law: Pick<Fit, 'factor' | 'exponent'>): number[] =>
  points.map((one) => Math.log(one.cost) - Math.log(costAt(law, one.size)))

/** Sum of the products of the distances from the means. */
function products(x: readonly number[], y: readonly number[]): number {
  const [meanX, meanY] = [mean(x), mean(y)]
  return x.reduce((sum, one, i) => sum + (one - meanX) * (y[i]! - meanY), 0)
}

const squares = (values: readonly number[]): number => values.reduce((sum, one) => sum + one * one, 0)

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length
