import { quoteIdent } from '../../sql.ts'
import type { ColumnCondition } from '../conditions.ts'
import { columnSql } from './indexes.ts'
import type { Parameters } from './parameters.ts'

const ranges = { gt: '>', gte: '>=', lt: '<', lte: '<=' }

/** A checked condition in SQL. Equality needs no collation: it is the same in all. */
export function conditionSql(condition: ColumnCondition, parameters: Parameters): string {
  const { column } = condition
  const name = quoteIdent(column.name)
  switch (condition.operator) {
    case 'null':
      return `${name} is null`
    case 'notNull':
      return `${name} is not null`
    case 'eq':
      return `${name} = ${parameters.value(column, condition.value)}`
    case 'ne':
      return `${name} is distinct from ${parameters.value(column, condition.value)}`
    case 'in':
      return `${name} = any (${parameters.list(column, condition.values)})`
    case 'has':
      // A view's column may be of another type, such as varchar[]: arrays are not converted by themselves.
      return `${name}::${column.encoding.pgType} @> ${parameters.value(column, [condition.value] as string[])}`
    default:
      return `${columnSql(column)} ${ranges[condition.operator]} ${parameters.value(column, condition.value)}`
  }
}

/** A where clause, or nothing. */
export const whereSql = (conditions: readonly string[]): string =>
  conditions.length === 0 ? '' : `\nwhere ${conditions.join('\n  and ')}`
