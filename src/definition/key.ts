import type { Column } from '../definition.ts'
import type { Value } from '../encoding.ts'

/** The canonical text of a key: a document's id, and the key of `row_snapshots`. */
export function keyText(columns: readonly Column[], key: readonly Value[]): string {
  if (columns.length === 1) return columns[0]!.encoding.text(key[0] as Value)
  return JSON.stringify(columns.map((column, place) => column.encoding.text(key[place] as Value)))
}
