import type { Definition } from '../../definition.ts'
import type { Row, Value } from '../../encoding.ts'
import { rowOfDocument } from '../../query/search/fields.ts'

/** The row of a document. A value that no handler could have written is shown as it is, and so differs from every other. */
export function readableRow({ columns }: Definition, source: Record<string, unknown>): Row {
  try {
    return rowOfDocument(columns, source)
  } catch {
    return Object.fromEntries(columns.map(({ name }) => [name, (source[name] ?? null) as Value]))
  }
}
