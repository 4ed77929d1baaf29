import type { Definition } from '../definition.ts'
import type { Row } from '../encoding.ts'
import { keyComparison } from '../query/relation/key-range.ts'
import type { Parameters } from '../query/relation/parameters.ts'

/** Rows in the order of the key: behind one row, up to and with another; without them from the first, to the last. */
export interface KeyRange {
  after: Row | undefined
  upTo: Row | undefined
}

/** The conditions of a range. */
export function rangeSql(definition: Definition, { after, upTo }: KeyRange, parameters: Parameters): string[] {
  const compared = (row: Row, operator: '>' | '<=') => {
    const values = definition.key.map((column) => parameters.value(column, row[column.name] ?? null))
    return keyComparison(definition.key, operator, values)
  }
  return [...(after ? [compared(after, '>')] : []), ...(upTo ? [compared(upTo, '<=')] : [])]
}

/** The key columns of a row, as a run keeps where it has come to. */
export const keyRow = (definition: Definition, row: Row): Row =>
  Object.fromEntries(definition.key.map(({ name }) => [name, row[name] ?? null]))
