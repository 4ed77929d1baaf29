import type { Column, Definition } from '../definition.ts'
import { withPackage } from '../optional-package.ts'
import { csvFormat } from './csv.ts'
import { ndjsonFormat } from './ndjson.ts'
import type { ExportFacts, RowFormat } from './row-format.ts'

/** The formats of an export. */
export const exportFormats = ['csv', 'ndjson', 'parquet'] as const
/** One of them. */
export type ExportFormat = (typeof exportFormats)[number]

/** Makes the format of one export. */
export type FormatOf = (definition: Definition, columns: readonly Column[], facts: ExportFacts) => RowFormat

/**
 * Loads a format: that of Parquet needs a package which not everybody installs.
 *
 * @param isRaw only of CSV: whether texts that look like formulas stay as they are
 * @throws PACKAGE_MISSING
 */
export async function loadFormat(format: ExportFormat, isRaw: boolean): Promise<FormatOf> {
  if (format === 'csv') return (_, columns) => csvFormat(columns, isRaw)
  if (format === 'ndjson') return ndjsonFormat
  return (await withPackage(writer, () => import('./parquet.ts'))).parquetFormat
}

const writer = { name: 'hyparquet-writer', version: '0.17', need: 'export: Parquet needs' }
