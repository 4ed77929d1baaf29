import type { Column, Definition } from '../definition.ts'
import { TrifoldError } from '../errors.ts'
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
  return (await loadParquet()).parquetFormat
}

const writer = 'hyparquet-writer'

async function loadParquet(): Promise<typeof import('./parquet.ts')> {
  try {
    return await import('./parquet.ts')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(`package '${writer}'`)) throw cause
    throw new TrifoldError(
      'PACKAGE_MISSING',
      `export: Parquet needs the package ${writer}, which is not installed; run \`npm install ${writer}@0.17\``,
      { cause },
    )
  }
}
