import type { ColumnCondition } from '../conditions.ts'
import { columnSql } from './indexes.ts'
import type { Parameters } from './parameters.ts'

const comparisons = { eq: '=', ne: 'is distinct from', gt: '>', gte: '>=', lt: '<', lte: '<=', has: '@>' }

/** A checked condition in SQL. */
export function conditionSql(condition: ColumnCondition, parameters: Parameters): string {
  const { column } = condition
  const name = columnSql(column)
  switch (condition.operator) {
    case 'null':
      return `${name} is null`
    case 'notNull':
      return `${name} is not null`
    case 'in':
      return `${name} = any(${parameters.list(column, condition.values)})`
    case 'has':
      return `${name} ${comparisons.has} ${parameters.value(column, [condition.value] as string[])}`
    default:
      return `${name} ${comparisons[condition.operator]} ${parameters.value(column, condition.value)}`
  }
}

/** A where clause, or nothing. */
export const whereSql = (conditions: readonly string[]): string =>
  conditions.length === 0 ? '' : `\nwhere ${conditions.join('\n  and ')}`
