import type { Column, Definition } from '../../definition.ts'
import { TrifoldError } from '../../errors.ts'
import { quoteIdent } from '../../sql.ts'
import { columnsFor, kindOf } from '../columns.ts'
import { lowerCaseSql } from '../letter-case.ts'
import { type OrderColumn, withKey } from '../order.ts'

/**
 * Text is compared by its UTF-8 bytes: the order of OpenSearch's keywords, the same in every database and unchanged by
 * an upgrade of the system's locales. Stored columns of this collation let every statement use their indexes.
 */
export const collationSql = (column: Column): string => (column.encoding.pgType === 'text' ? ' collate "C"' : '')

/** The column in a comparison, an order or an index. */
export const columnSql = (column: Column): string => `${quoteIdent(column.name)}${collationSql(column)}`

/** What an order compares: of the column, or of a value of it. */
export const comparedSql = ({ column, ignoringCase }: OrderColumn, value = quoteIdent(column.name)): string =>
  ignoringCase ? lowerCaseSql(value) : `${value}${collationSql(column)}`

/**
 * One column of an ORDER BY or of an index. Rows without a value come last in both directions unless it says otherwise, which an index has to
 * state for a descending column that may be null. A column that is never null says nothing, so that one index serves
 * both directions.
 */
export function orderColumnSql(one: OrderColumn): string {
  const { column, descending, missingFirst } = one
  if (missingFirst) return `${comparedSql(one)}${descending ? ' desc' : ''} nulls first`
  if (!descending) return comparedSql(one)
  return `${comparedSql(one)} desc${column.notNull ? '' : ' nulls last'}`
}

/**
 * The column list of a declared index (`['customer_id', 'created_at desc']`), for `create index ... (<list>)`. The key is
 * appended, as `find` appends it to every order: only so is a page one range of the index, with no sort.
 *
 * @throws CONFIG_INVALID if a column is unknown or cannot be indexed
 */
export function indexColumnsSql(definition: Definition, index: readonly string[]): string {
  const declared = index.map((term) => declaredColumn(definition, term))
  return withKey(definition, declared).map(orderColumnSql).join(', ')
}

/** The column list of the unique index on the key. */
export const keyColumnsSql = (definition: Pick<Definition, 'key'>): string => definition.key.map(columnSql).join(', ')

function declaredColumn(definition: Definition, term: string): OrderColumn {
  const [, name, folded, direction] = /^(\S+)(\s+ignoring\s+case)?(?:\s+(asc|desc))?$/i.exec(term.trim()) ?? []
  const column = definition.columns.find((one) => one.name === name)
  const fitting = columnsFor(folded ? 'case' : 'sort', definition)
  if (column && fitting.includes(column))
    return { column, descending: direction?.toLowerCase() === 'desc', ...(folded && { ignoringCase: true }) }
  const lack = folded ? 'holds no text' : 'has no order'
  const fault = column ? `${lack} (${kindOf(column)})` : 'is not a column'
  const columns = fitting.map((one) => one.name)
  throw new TrifoldError(
    'CONFIG_INVALID',
    `config: an index of ${definition.readModel} names ${JSON.stringify(term)}, which ${fault}; ` +
      `write a column, \`column desc\` or \`column ignoring case\`, of ${columns.join(', ')}`,
  )
}
