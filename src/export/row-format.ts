import type { Chunk } from './chunk.ts'

/** Writes rows value by value, each as PostgreSQL writes it, in the order of the columns. */
export interface ValueWriter {
  /** No value. */
  none(): void
  /** The bytes from `start` to `end` of a larger buffer. */
  bytes(source: Buffer, start: number, end: number): void
  /** A value as text. */
  text(value: string): void
  /** All values of the row were given. */
  endOfRow(): void
  /** Forgets what was given of the row. */
  dropRow(): void
}

/** What is known of an export before its rows. */
export interface ExportFacts {
  target: string
  asOf: string
  snapshot: string
  degraded: boolean
}

/** How the rows of one export are written. */
export interface RowFormat {
  /** What stands before the first row. */
  header: string
  /** Options of `copy (select …) to stdout`. */
  copyOptions: string
  /** What is selected, in SQL. */
  list: string
  /** Writes a row of such a `copy` into a chunk. */
  rows(chunk: Chunk): (row: Buffer) => void
  /** The same of rows from elsewhere. */
  values(chunk: Chunk): ValueWriter
  /** Writes what stands behind the last row. @param rows how many were written */
  end?(chunk: Chunk, rows: number): void
}
