import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One version of a definition. */
export interface DefinitionFile {
  file: string
  version: number
  /** The SELECT, without a closing semicolon. */
  sql: string
  /** SHA-256 of the SELECT. */
  hash: string
}

/** The name of the file of a version: `order_summary_v02.sql`. */
export const definitionName = (readModel: string, version: number): string =>
  `${readModel}_v${String(version).padStart(2, '0')}.sql`

/** The versions of a read model in a folder, the newest first. */
export async function definitionVersions(
  folder: string,
  readModel: string,
): Promise<Pick<DefinitionFile, 'file' | 'version'>[]> {
  const names = await readdir(folder).catch(() => [] as string[])
  return names
    .map((name) => ({ file: join(folder, name), match: /^(.+)_v(\d+)\.sql$/.exec(name) }))
    .filter(({ match }) => match?.[1] === readModel)
    .map(({ file, match }) => ({ file, version: Number(match?.[2]) }))
    .sort((a, b) => b.version - a.version)
}

export async function readDefinition({ file, version }: { file: string; version: number }): Promise<DefinitionFile> {
  const sql = (await readFile(file, 'utf8')).trim().replace(/;\s*$/, '')
  return { file, version, sql, hash: createHash('sha256').update(sql).digest('hex') }
}
