import type { ColumnEntry, ReadModelEntry } from '@trifold/http'

/** How many columns of rows are shown, if nobody chose some. */
const usualColumns = 10

export const isNumber = ({ uses }: ColumnEntry): boolean => uses.includes('sum')
export const isTime = ({ uses }: ColumnEntry): boolean => uses.includes('interval')
export const isInstant = ({ type }: ColumnEntry): boolean => type === 'timestamptz' || type === 'timestamp'
export const isArray = ({ type }: ColumnEntry): boolean => type.endsWith('[]')
const isKey = ({ name }: ColumnEntry, { key }: ReadModelEntry): boolean => key.includes(name)

export const columnNamed = ({ columns }: ReadModelEntry, name: string): ColumnEntry | undefined =>
  columns.find((column) => column.name === name)

/** Columns whose values can be ticked. */
export const facetColumns = (entry: ReadModelEntry): ColumnEntry[] =>
  entry.columns.filter(
    (column) => !isKey(column, entry) && (isArray(column) || column.type === 'text' || column.type === 'boolean'),
  )

/** Columns of numbers that mean an amount: those of the key do not. */
export const amountColumns = (entry: ReadModelEntry): ColumnEntry[] =>
  entry.columns.filter((column) => isNumber(column) && !isKey(column, entry))

export const timeColumns = ({ columns }: ReadModelEntry): ColumnEntry[] => columns.filter(isTime)

export const prefixColumns = ({ columns }: ReadModelEntry): ColumnEntry[] =>
  columns.filter(({ conditions }) => conditions.includes('prefix'))

/** The columns of rows: those that were chosen, else the first ones. */
export const shownColumns = (entry: ReadModelEntry, chosen: readonly string[]): ColumnEntry[] =>
  chosen.length > 0 ? chosen.flatMap((name) => columnNamed(entry, name) ?? []) : entry.columns.slice(0, usualColumns)

/** `ordered_at` as people write it. */
export const labelOf = (name: string): string => {
  const words = name.replaceAll('_', ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
