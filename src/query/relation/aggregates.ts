import type { Value } from '../../encoding.ts'
import { quoteIdent } from '../../sql.ts'
import type { PlannedAggregate } from '../aggregates.ts'
import { averageDecimals, averageValue } from '../average.ts'
import { isFloat, sumValue } from '../sum.ts'
import { columnSql } from './indexes.ts'

/** An aggregate in SQL, null if no row has a value. */
export function aggregateSql({ function: used, column, at }: PlannedAggregate): string {
  const name = quoteIdent(column.name)
  // PostgreSQL adds single-precision values in single precision.
  const exact = column.encoding.pgType === 'real' ? `${name}::double precision` : name
  switch (used) {
    case 'count':
      return `count(${name})`
    case 'countDistinct':
      return `count(distinct ${name})`
    case 'sum':
      return `sum(${exact})`
    case 'avg':
      return averageSql(exact, averageDecimals(column))
    case 'percentile':
      return `percentile_cont(${at}) within group (order by ${name}::double precision)`
    default:
      return `${used}(${columnSql(column)})`
  }
}

/** With digits enough that the quotient is rounded once. */
const averageSql = (name: string, decimals: number | undefined): string =>
  decimals === undefined
    ? `sum(${name})::double precision / count(${name})`
    : `round(sum(${name}) * 1.${'0'.repeat(20 + decimals)} / count(${name}), ${decimals})`

/** The value of an aggregate from its text. @throws VALUE_INVALID if a sum of whole numbers is beyond 2^53 */
export function aggregateValue({ function: used, column }: PlannedAggregate, text: string | null): Value {
  if (text === null) return null
  switch (used) {
    case 'sum':
      return sumValue(column, text)
    case 'avg':
      return averageValue(column, text)
    case 'min':
    case 'max':
      return column.encoding.decode(text)
    default:
      return Number(text)
  }
}

/** The type in which a bound of an aggregate is compared. */
export const boundType = ({ function: used, column }: PlannedAggregate): string =>
  used === 'percentile' || isFloat(column) || (used === 'avg' && averageDecimals(column) === undefined)
    ? 'double precision'
    : 'numeric'
