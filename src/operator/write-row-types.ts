import { readFile, writeFile } from 'node:fs/promises'
import type { ResolvedConfig } from '../config.ts'
import { checkDatabase, openClient } from '../database.ts'
import { describeDefinition } from '../definition.ts'
import { rowTypesOf } from './row-types.ts'

export interface TypesReport {
  file: string
  readModels: string[]
  /** Whether the file differs from what the definitions say now. */
  changed: boolean
  written: boolean
}

/**
 * Writes the row types of all read models. The file is only touched if its text changes. Needs the tables of the
 * definitions, but not the toolkit's schema.
 *
 * @throws DATABASE_UNREACHABLE, DEFINITION_NOT_FOUND, DEFINITION_INVALID, KEY_INVALID
 */
export async function writeTypes(config: ResolvedConfig, options: { dryRun?: boolean } = {}): Promise<TypesReport> {
  const definitions = await describeAll(config)
  const text = rowTypesOf(definitions)
  const file = config.typesFile
  const changed = (await readFile(file, 'utf8').catch(() => undefined)) !== text
  const written = changed && !options.dryRun
  if (written) await writeFile(file, text)
  return { file, readModels: definitions.map(({ readModel }) => readModel), changed, written }
}

async function describeAll(config: ResolvedConfig) {
  await checkDatabase(config.database, { migrated: false })
  const client = await openClient(config.database, { name: 'types' })
  try {
    const definitions = []
    for (const [name, model] of Object.entries(config.readModels)) {
      definitions.push(await describeDefinition(client, config.viewsFolder, name, model))
    }
    return definitions
  } finally {
    await client.end()
  }
}
