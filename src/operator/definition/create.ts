import { constants, copyFile, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ResolvedConfig } from '../../config.ts'
import { definitionName, definitionVersions } from '../../definition/files.ts'
import { readDefinitionFile } from '../../definition.ts'
import { TrifoldError } from '../../errors.ts'
import { insteadOf } from '../../query/nearest.ts'

/** A file that was written. */
export interface NewDefinition {
  readModel: string
  version: number
  file: string
  /** The file of the version before, of which it is a copy. */
  copiedFrom: string
}

/**
 * Writes the next version of a definition, as a copy of the last one. No database is asked.
 *
 * @throws READ_MODEL_UNKNOWN, DEFINITION_NOT_FOUND; DEFINITION_EXISTS if the last one is still such a copy, or the file is there
 */
export async function newDefinition(config: ResolvedConfig, readModel: string): Promise<NewDefinition> {
  refuseUnknown(config, readModel)
  const { file: last, version } = await readDefinitionFile(config.viewsFolder, readModel)
  await refuseUnedited(config.viewsFolder, readModel)
  const file = join(dirname(last), definitionName(readModel, version + 1))
  await copyFile(last, file, constants.COPYFILE_EXCL).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'EEXIST' ? exists(`${file} is there already; look at it, or take it away`) : cause
  })
  return { readModel, version: version + 1, file, copiedFrom: last }
}

/** @throws READ_MODEL_UNKNOWN */
export function refuseUnknown({ readModels }: ResolvedConfig, readModel: string): void {
  if (Object.hasOwn(readModels, readModel)) return
  const known = insteadOf(readModel, Object.keys(readModels), 'configured are')
  throw new TrifoldError('READ_MODEL_UNKNOWN', `definition: there is no read model ${readModel}; ${known}`)
}

async function refuseUnedited(folder: string, readModel: string): Promise<void> {
  const [last, before] = await definitionVersions(folder, readModel)
  if (!last || !before) return
  const [text, textBefore] = await Promise.all([readFile(last.file, 'utf8'), readFile(before.file, 'utf8')])
  if (text === textBefore) throw exists(`${last.file} is still a copy of the version before; edit that one`)
}

const exists = (what: string): TrifoldError => new TrifoldError('DEFINITION_EXISTS', `definition: ${what}`)
