import type { Column, Definition } from '../definition.ts'
import { TrifoldError } from '../errors.ts'

/** What kind of values a column holds, as far as requests distinguish them. */
export type ColumnKind = 'text' | 'number' | 'decimal' | 'time' | 'boolean' | 'array' | 'json'

const kinds: Record<string, ColumnKind> = {
  text: 'text',
  uuid: 'text',
  numeric: 'decimal',
  date: 'time',
  timestamp: 'time',
  timestamptz: 'time',
  boolean: 'boolean',
  jsonb: 'json',
}

export function kindOf(column: Column): ColumnKind {
  const { pgType } = column.encoding
  return pgType.endsWith('[]') ? 'array' : (kinds[pgType] ?? 'number')
}

/** Whether rows can be ordered and grouped by the column. */
export const isOrdered = (column: Column): boolean => !['array', 'json'].includes(kindOf(column))

/** A request that does not fit the read model. */
export const invalidQuery = (message: string, details: Record<string, unknown> = {}): TrifoldError =>
  new TrifoldError('QUERY_INVALID', `query: ${message}`, { details })

/** The column of that name. @throws QUERY_INVALID, naming the columns that exist */
export function columnNamed(definition: Definition, name: string): Column {
  const column = definition.columns.find((one) => one.name === name)
  if (column) return column
  const columns = definition.columns.map((one) => one.name)
  throw invalidQuery(`${definition.readModel} has no column ${name}; its columns are ${columns.join(', ')}`, {
    column: name,
    columns,
  })
}

/** The column of that name, if rows can be ordered by it. @throws QUERY_INVALID */
export function orderedColumnNamed(definition: Definition, name: string, use: 'sort' | 'group'): Column {
  const column = columnNamed(definition, name)
  if (isOrdered(column)) return column
  const others = definition.columns.filter(isOrdered).map((one) => one.name)
  throw invalidQuery(
    `\`${use}\` cannot use ${name} (${column.encoding.pgType}), which has no order; use one of ${others.join(', ')}`,
    { column: name },
  )
}
