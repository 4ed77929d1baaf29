import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Whether there is a folder at `path`. */
export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

/** The bytes in a folder and below; files that vanish meanwhile count as zero. */
export async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const sizes = entries.map(async (entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return folderSize(path)
    return (await lstat(path).catch(() => undefined))?.size ?? 0
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** Bytes for people, in decimal megabytes: `61 MB`, `0.2 MB`. */
export function inMegabytes(bytes: number): string {
  return `${bytes < 1e6 ? (bytes / 1e6).toFixed(1) : Math.round(bytes / 1e6)} MB`
}
