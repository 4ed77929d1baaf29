import type { Column, Definition } from '../definition.ts'
import { csvFormat } from './csv.ts'
import { ndjsonFormat } from './ndjson.ts'
import type { RowFormat } from './row-format.ts'

/** The formats of an export. */
export const exportFormats = ['csv', 'ndjson'] as const
/** One of them. */
export type ExportFormat = (typeof exportFormats)[number]

/** @param isRaw only of CSV: whether texts that look like formulas stay as they are */
export const rowFormat = (
  format: ExportFormat,
  definition: Definition,
  columns: readonly Column[],
  isRaw: boolean,
): RowFormat => (format === 'csv' ? csvFormat(columns, isRaw) : ndjsonFormat(definition, columns))
