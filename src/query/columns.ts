import type { Column, Definition } from '../definition.ts'
import { invalidQuery } from './invalid.ts'
import { insteadOf } from './nearest.ts'
import { shown } from './parts.ts'

/** What kind of values a column holds, as far as requests distinguish them. */
export type ColumnKind = 'text' | 'number' | 'decimal' | 'time' | 'boolean' | 'array' | 'json'

const kinds: Record<string, ColumnKind> = {
  text: 'text',
  uuid: 'text',
  bytea: 'text',
  numeric: 'decimal',
  date: 'time',
  time: 'time',
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

/** The column of that name. @throws QUERY_INVALID, naming the columns that exist */
export function columnNamed(definition: Definition, name: string): Column {
  const column = definition.columns.find((one) => one.name === name)
  if (column) return column
  const columns = definition.columns.map((one) => one.name)
  const advice = insteadOf(name, columns, 'its columns are')
  throw invalidQuery(`${definition.readModel} has no column ${name.slice(0, 60)}; ${advice}`, { column: name, columns })
}

const isNumber = (column: Column): boolean => ['number', 'decimal'].includes(kindOf(column))

/** PostgreSQL has no smallest or largest of the others. */
const hasExtremes = (column: Column): boolean =>
  isNumber(column) || kindOf(column) === 'time' || column.encoding.pgType === 'text'

/** Where a request names a column that can be used in some ways only: what fits, and what the others lack. */
const uses = {
  sort: { fits: isOrdered, lack: 'has no order' },
  case: { fits: ({ encoding }: Column) => encoding.pgType === 'text', lack: 'holds no text' },
  group: { fits: (column: Column) => kindOf(column) !== 'json', lack: 'has no order' },
  ranges: { fits: isNumber, lack: 'holds no numbers' },
  interval: { fits: ({ encoding }: Column) => days.includes(encoding.pgType), lack: 'holds no days' },
  count: { fits: isOrdered, lack: 'is not one value' },
  countDistinct: { fits: isOrdered, lack: 'has no order' },
  sum: { fits: isNumber, lack: 'holds no numbers' },
  avg: { fits: isNumber, lack: 'holds no numbers' },
  percentile: { fits: isNumber, lack: 'holds no numbers' },
  min: { fits: hasExtremes, lack: 'has no smallest value' },
  max: { fits: hasExtremes, lack: 'has no largest value' },
}

const days = ['date', 'timestamp', 'timestamptz']

export type Use = keyof typeof uses

/** The column that a part of a request names. @throws QUERY_INVALID if there is none or it does not fit */
export function columnFor(use: Use, definition: Definition, name: unknown): Column {
  if (typeof name !== 'string') throw invalidQuery(`\`${use}\` takes the name of a column, not ${shown(name)}`)
  const column = columnNamed(definition, name)
  const { fits, lack } = uses[use]
  if (fits(column)) return column
  const others = columnsFor(use, definition).map((one) => one.name)
  const advice = others.length > 0 ? `use one of ${others.join(', ')}` : 'no column can be used'
  throw invalidQuery(`\`${use}\` cannot use ${name} (${column.encoding.pgType}), which ${lack}; ${advice}`, {
    column: name,
  })
}

/** What a column can be used for. */
export const usesOf = (column: Column): Use[] => (Object.keys(uses) as Use[]).filter((use) => uses[use].fits(column))

/** The columns that fit. */
export const columnsFor = (use: Use, { columns }: Definition): Column[] => columns.filter(uses[use].fits)

/** What rows are grouped by: the column itself, of an array its elements. */
export function groupedColumn(column: Column): Column {
  const { element } = column.encoding
  return element ? { name: column.name, encoding: element, notNull: false } : column
}
