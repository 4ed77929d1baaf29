import { readRow } from '../definition/rows.ts'
import type { Column, Definition } from '../definition.ts'
import type { Row } from '../encoding.ts'
import { columnNamed } from './columns.ts'
import { invalidQuery } from './invalid.ts'
import type { Order } from './order.ts'
import { shown } from './parts.ts'

/** The columns that a request chooses, in its order; by default all. @throws QUERY_INVALID */
export function chosenColumns(definition: Definition, asked: unknown): Column[] {
  if (asked === undefined) return definition.columns
  if (!Array.isArray(asked) || asked.length === 0)
    throw invalidQuery(
      `\`columns\` takes a list of columns, not ${Array.isArray(asked) ? 'an empty one' : shown(asked)}`,
    )
  const columns = Array.from(asked, (name) => {
    if (typeof name !== 'string') throw invalidQuery(`\`columns\` takes the names of columns, not ${shown(name)}`)
    return columnNamed(definition, name)
  })
  const twice = columns.find((column, place) => columns.indexOf(column) !== place)
  if (twice) throw invalidQuery(`\`columns\` names ${twice.name} twice; keep one of them`)
  return columns
}

/** The columns, then those that are needed besides. */
export const withNeeded = (columns: readonly Column[], needed: readonly Column[]): Column[] => [
  ...columns,
  ...needed.filter((column) => !columns.includes(column)),
]

/** What is read for a page: the chosen columns, and for the cursor those of the order. */
export function pageDefinition(
  definition: Definition,
  { columns, order }: { columns: Column[]; order: Order },
): Definition {
  const needed = order.columns.map(({ column }) => column)
  return { ...definition, columns: withNeeded(columns, needed) }
}

/** In which form rows are given: as the application gets them, or in the canonical one, in which no two different values are the same. */
export type RowForm = 'read' | 'canonical'

/** A row that was read: with the chosen columns alone, in their order. */
export function chosenRow(definition: Definition, { columns }: { columns: Column[] }, row: Row, form: RowForm): Row {
  const chosen = Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]))
  return form === 'canonical' ? chosen : readRow({ ...definition, columns }, chosen)
}
