import { type DefinitionFile, definitionVersions, readDefinition } from '../../definition/files.ts'
import { type DiffLine, lineDiff } from '../../definition/line-diff.ts'
import { describeSource, storedColumns } from '../../definition.ts'
import { type ColumnChanges, columnChanges } from '../../drift.ts'
import { TrifoldError } from '../../errors.ts'
import type { ReadModel } from '../../read-model.ts'
import { type Generation, servingGeneration } from '../../schema/generations.ts'
import { parseTarget } from '../../target.ts'
import type { Toolkit } from '../../toolkit.ts'
import { planRebuild, type RebuildPlan } from '../plan-rebuild.ts'
import { refuseUnknown } from './create.ts'

/** What the newest version of a definition changes. */
export interface DefinitionDiff {
  readModel: string
  /** The oldest version that serves; if the newest one does, the one before it. */
  before: { version: number; file: string }
  after: { version: number; file: string }
  columns: ColumnChanges
  /** All lines of both. */
  text: DiffLine[]
  /** The targets that will be rebuilt, and why; `error` says why one cannot be. */
  rebuilds: RebuildPlan[]
}

/**
 * Compares the newest version of a definition with the one that serves.
 *
 * @throws READ_MODEL_UNKNOWN, DEFINITION_NOT_FOUND if there is nothing to compare it with, DEFINITION_INVALID, KEY_INVALID
 */
export async function diffDefinition(toolkit: Toolkit, readModel: string): Promise<DefinitionDiff> {
  refuseUnknown(toolkit.config, readModel)
  const serving = await servingOf(toolkit, readModel)
  const { before, after } = await versionsOf(toolkit, readModel, serving)
  const columns = await columnsOf(toolkit, readModel, after)
  const built = serving.find(({ definitionVersion }) => definitionVersion === before.version)
  const columnsBefore = built?.columns ?? (await columnsOf(toolkit, readModel, before))
  const plans = await planRebuild(toolkit, 'outdated')
  return {
    readModel,
    before: { version: before.version, file: before.file },
    after: { version: after.version, file: after.file },
    columns: columnChanges(columnsBefore, columns),
    text: lineDiff(before.sql, after.sql),
    rebuilds: plans.filter(({ target, reason, error }) => isOf(readModel, target) && (reason || error)),
  }
}

const isOf = (readModel: string, target: string): boolean => parseTarget(target).readModel === readModel

async function servingOf({ pool, targetNames }: Toolkit, readModel: string): Promise<Generation[]> {
  const targets = targetNames.filter((target) => isOf(readModel, target))
  const generations = await Promise.all(targets.map((target) => servingGeneration(pool, target)))
  return generations.filter((generation) => generation !== undefined)
}

async function versionsOf(
  { config: { viewsFolder } }: Toolkit,
  readModel: string,
  serving: readonly Generation[],
): Promise<{ before: DefinitionFile; after: DefinitionFile }> {
  const [newest, ...older] = await definitionVersions(viewsFolder, readModel)
  const oldest = Math.min(...serving.map(({ definitionVersion }) => definitionVersion))
  const previous = older.find(({ version }) => version === oldest) ?? older[0]
  if (newest && previous) return { before: await readDefinition(previous), after: await readDefinition(newest) }
  throw new TrifoldError(
    'DEFINITION_NOT_FOUND',
    `definition: ${readModel} has ${newest ? `one version, ${newest.file}` : `no file in ${viewsFolder}`}, so there is nothing to compare; ` +
      `\`trifold definition new ${readModel}\` writes the next one`,
  )
}

async function columnsOf({ config, pool }: Toolkit, readModel: string, source: DefinitionFile) {
  const client = await pool.connect()
  try {
    const model = config.readModels[readModel] as ReadModel
    return storedColumns(await describeSource(client, source, readModel, model))
  } finally {
    client.release()
  }
}
