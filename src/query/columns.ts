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

/** Whether rows can be ordered by the column. */
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
export const orderedColumnNamed = (definition: Definition, name: string): Column =>
  fittingColumn(definition, name, 'sort', isOrdered)

/** The column of that name, if rows can be grouped by it or by its elements. @throws QUERY_INVALID */
export const groupColumnNamed = (definition: Definition, name: string): Column =>
  fittingColumn(definition, name, 'group', (column) => kindOf(column) !== 'json')

function fittingColumn(
  definition: Definition,
  name: string,
  use: 'sort' | 'group',
  fits: (column: Column) => boolean,
): Column {
  const column = columnNamed(definition, name)
  if (fits(column)) return column
  const others = definition.columns.filter(fits).map((one) => one.name)
  throw invalidQuery(
    `\`${use}\` cannot use ${name} (${column.encoding.pgType}), which has no order; use one of ${others.join(', ')}`,
    { column: name },
  )
}

/** What rows are grouped by: the column itself, of an array its elements. */
export function groupedColumn(column: Column): Column {
  const { element } = column.encoding
  return element ? { name: column.name, encoding: element, notNull: false } : column
}
