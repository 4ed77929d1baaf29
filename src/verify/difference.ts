import { isDeepStrictEqual } from 'node:util'
import type { Column } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'

/** Where the row of a target is another than that of its definition. Values are texts; null is no value. */
export interface Difference {
  /** The key, as text. */
  key: string
  /** `missing`: the target lacks the row. `surplus`: the definition does. `different`: both have it. */
  kind: 'missing' | 'surplus' | 'different'
  /** Of rows that both have: the columns with different values. */
  columns: { column: string; definition: string | null; target: string | null }[]
}

/** How two rows of one key differ, or undefined if they do not. */
export function differenceOf(
  key: string,
  columns: readonly Column[],
  wanted: Row | undefined,
  found: Row | undefined,
): Difference | undefined {
  if (!wanted && !found) return undefined
  if (!wanted) return { key, kind: 'surplus', columns: [] }
  if (!found) return { key, kind: 'missing', columns: [] }
  const differing = columns.filter(({ name }) => !isSame(wanted[name], found[name]))
  if (differing.length === 0) return undefined
  const shown = differing.map((column) => ({
    column: column.name,
    definition: textOf(column, wanted[column.name]),
    target: textOf(column, found[column.name]),
  }))
  return { key, kind: 'different', columns: shown }
}

const isSame = (a: Value | undefined, b: Value | undefined): boolean =>
  Object.is(a, b) || (typeof a === 'object' && typeof b === 'object' && isDeepStrictEqual(a, b))

/** A value that has no canonical form is a text already. */
function textOf({ encoding }: Column, value: Value | undefined): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? value : encoding.text(value)
}
