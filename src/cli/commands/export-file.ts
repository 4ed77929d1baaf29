import { existsSync, rmSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { TrifoldError } from '../../errors.ts'
import type { RowExport } from '../../export.ts'

/** What is known of an export besides its rows. */
export interface ExportFacts {
  target: string
  asOf: string
  snapshot: string
  rows: number
  format: string
  columns: readonly string[]
  degraded: boolean
}

export const factsOf = (exported: RowExport): ExportFacts => {
  const { target, asOf, snapshot, rows, format, columns, degraded } = exported
  return { target, asOf, snapshot, rows, format, columns, degraded }
}

export const factsFile = (file: string): string => `${file}.meta.json`

/** @throws EXPORT_EXISTS */
export function refuseExisting(file: string): void {
  if (existsSync(file))
    throw new TrifoldError('EXPORT_EXISTS', `export: ${file} is there already; add --force, or name another file`)
}

/**
 * Writes a file under a temporary name beside it, and gives it its name once it is complete. Whatever ends the process before
 * that, nothing is left.
 */
export async function writeFile(
  file: string,
  write: (chunk: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
  force: boolean,
): Promise<void> {
  const part = join(dirname(file), `.${basename(file)}.${process.pid}.part`)
  const forget = () => rmSync(part, { force: true })
  process.once('exit', forget)
  try {
    const handle = await open(part, 'w')
    try {
      await write(async (bytes) => {
        await handle.writeFile(bytes)
      })
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (!force) refuseExisting(file)
    await rename(part, file)
  } finally {
    process.off('exit', forget)
    forget()
  }
}
