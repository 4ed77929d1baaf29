import type { Chunk } from './chunk.ts'

/** How rows are written. */
export interface RowFormat {
  /** What stands before the first row. */
  header: string
  /** Options of `copy (select …) to stdout`. */
  copyOptions: string
  /** What is selected, in SQL. */
  list: string
  /** Writes a row of such a `copy` into a chunk. */
  writer(chunk: Chunk): (row: Buffer) => void
}
