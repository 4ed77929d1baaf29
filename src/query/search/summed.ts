import type { Column } from '../../definition.ts'
import { plainDecimal } from '../../encoding/decimal.ts'
import type { Value } from '../../encoding.ts'
import { TrifoldError } from '../../errors.ts'
import { kindOf } from '../columns.ts'
import { isFloat, sumValue } from '../sum.ts'

/** The engine's `stats` of one field. */
export interface EngineStats {
  count: number
  /** Null if no document has a value, like `max`. */
  min: number | null
  max: number | null
  sum: number
}

/**
 * The sum of a column from the engine's stats, and whether it is exact. The engine adds doubles with Kahan's
 * compensation, whose error is below 2u·Σ|x| (Higham, Accuracy and Stability of Numerical Algorithms, 4.3; u = 2^-53),
 * plus u·Σ|x| for decimals that a double rounds: below half a unit of the last decimal while Σ|x| < 2^50 such units.
 *
 * @param values how many rows have a value: the stats lack those that a double does not hold
 * @throws QUERY_UNSUPPORTED if there are such
 */
export function summed(column: Column, stats: EngineStats, values: number): { sum: Value; exact: boolean } {
  refuseBeyondDouble(column, values, stats.count)
  if (stats.count === 0) return { sum: null, exact: true }
  const kind = kindOf(column)
  if (kind !== 'decimal') {
    return { sum: sumValue(column, String(stats.sum)), exact: isFloat(column) || magnitude(stats) < 2 ** 50 }
  }
  const { scale } = column.encoding
  if (scale === undefined)
    return { sum: sumValue(column, plainDecimal(Number(stats.sum.toPrecision(15)))), exact: false }
  const rounded = Math.abs(stats.sum) < 1e21 ? stats.sum.toFixed(Math.max(scale, 0)) : plainDecimal(stats.sum)
  return { sum: sumValue(column, rounded), exact: magnitude(stats) * 10 ** scale < 2 ** 50 }
}

/** An upper bound of the sum of absolute values. */
const magnitude = ({ count, min, max }: EngineStats): number => count * Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0))

/** @param values how many rows have a value @param held how many of them a double holds @throws QUERY_UNSUPPORTED */
export function refuseBeyondDouble(column: Column, values: number, held: number): void {
  if (values === held) return
  throw new TrifoldError(
    'QUERY_UNSUPPORTED',
    `query: an index cannot add ${column.name}: some of its numbers are larger than a double holds; ask a table or view`,
    { details: { column: column.name } },
  )
}
