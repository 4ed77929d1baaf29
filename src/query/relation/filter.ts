import { quoteIdent } from '../../sql.ts'
import type { ColumnCondition } from '../conditions.ts'
import type { Condition } from '../where.ts'
import { columnSql } from './indexes.ts'
import type { Parameters } from './parameters.ts'

export const ranges = { gt: '>', gte: '>=', lt: '<', lte: '<=' }

/** A checked condition in SQL, where null counts as false. */
export function conditionSql(condition: Condition, parameters: Parameters): string {
  switch (condition.operator) {
    case 'and':
    case 'or':
      return `(${condition.conditions.map((one) => conditionSql(one, parameters)).join(` ${condition.operator} `)})`
    case 'not':
      return `(${conditionSql(condition.condition, parameters)}) is not true`
    default:
      return columnConditionSql(condition, parameters)
  }
}

/** Equality needs no collation: it is the same in all. */
function columnConditionSql(condition: ColumnCondition, parameters: Parameters): string {
  const { column } = condition
  const name = quoteIdent(column.name)
  switch (condition.operator) {
    case 'null':
      return column.encoding.element ? `${elementsSql(name)} is not true` : `${name} is null`
    case 'notNull':
      return column.encoding.element ? elementsSql(name) : `${name} is not null`
    case 'eq':
      return `${name} = ${parameters.value(column, condition.value)}`
    case 'ne':
      return `${name} is distinct from ${parameters.value(column, condition.value)}`
    case 'in':
      return `${name} = any (${parameters.list(column, condition.values)})`
    case 'has':
      // A view's column may be of another type, such as varchar[]: arrays are not converted by themselves.
      return `${name}::${column.encoding.pgType} @> ${parameters.value(column, [condition.value] as string[])}`
    case 'prefix':
      return `${columnSql(column)} like ${parameters.value(column, patternOf(condition.value))}`
    default:
      return `${columnSql(column)} ${ranges[condition.operator]} ${parameters.value(column, condition.value)}`
  }
}

/** Whether an array has an element that is not null. */
const elementsSql = (name: string): string => `cardinality(array_remove(${name}, null)) > 0`

const patternOf = (prefix: string): string => `${prefix.replaceAll(/[\\%_]/g, '\\$&')}%`

/** A where clause, or nothing. */
export const whereSql = (conditions: readonly string[]): string =>
  conditions.length === 0 ? '' : `\nwhere ${conditions.join('\n  and ')}`
