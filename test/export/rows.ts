import type { ExportOptions, ExportRequest } from '../../src/export.ts'
import { openExport } from '../../src/export.ts'
import type { Toolkit } from '../../src/toolkit.ts'

/** A whole export as text, with its facts. */
export async function exportText(
  toolkit: Toolkit,
  target: string,
  request: ExportRequest = {},
  options: ExportOptions = {},
) {
  const exported = await openExport(toolkit, target, request, options)
  const chunks: Uint8Array[] = []
  for await (const chunk of exported) chunks.push(chunk)
  return { text: Buffer.concat(chunks).toString(), exported }
}

/** The cells of CSV; undefined for one that is empty without quotes. */
export function cellsOf(csv: string): (string | undefined)[][] {
  const rows: (string | undefined)[][] = []
  let row: (string | undefined)[] = []
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? plain || undefined : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}
