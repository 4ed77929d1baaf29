import type pg from 'pg'
import { definitionName } from './definition/files.ts'
import { resolutionChanges } from './definition/resolution.ts'
import { type Definition, storedColumns } from './definition.ts'
import { TrifoldError } from './errors.ts'
import type { BuildSettings, Generation } from './schema/generations.ts'

type Stored = Generation['columns'][number]

/** What a generation was built from. */
export type BuiltFrom = Pick<Generation, 'target' | 'definitionVersion' | 'definitionHash' | 'columns'>

/**
 * Compares what a generation was built from with the definition of today, and with what its names mean now.
 *
 * @returns as {@link newerDefinition} does
 * @throws DEFINITION_DRIFT also if a relation, a column or a function that it reads is another one now
 */
export async function compareDefinition(
  client: Pick<pg.ClientBase, 'query'>,
  generation: BuiltFrom & Pick<Generation, 'resolution'>,
  definition: Definition,
): Promise<string | undefined> {
  const newer = newerDefinition(generation, definition)
  if (!newer) await refuseDrift(client, generation, definition)
  return newer
}

/** @throws DEFINITION_DRIFT if a relation, a column or a function that a generation was built from is another one now */
async function refuseDrift(
  client: Pick<pg.ClientBase, 'query'>,
  generation: BuiltFrom & Pick<Generation, 'resolution'>,
  { file }: Pick<Definition, 'file'>,
): Promise<void> {
  const changes = await resolutionChanges(client, generation.resolution)
  if (changes.length === 0) return
  throw drift(
    generation,
    `what ${file} reads has changed since it was built: ${changes.join('; ')}; ` +
      `correct that, or run \`trifold rebuild ${generation.target}\``,
    changes,
  )
}

/**
 * Compares the settings that a generation was built with with those of today.
 *
 * @returns which differ, undefined if none does
 */
export function changedSettings(built: BuildSettings, now: BuildSettings): string | undefined {
  const names = new Set([...Object.keys(built), ...Object.keys(now)])
  const changed = [...names].filter((name) => JSON.stringify(built[name]) !== JSON.stringify(now[name]))
  const shown = changed.map(
    (name) => `\`${name}\` ${JSON.stringify(built[name] ?? null)} → ${JSON.stringify(now[name] ?? null)}`,
  )
  return shown.length === 0 ? undefined : `other settings (${shown.join('; ')})`
}

/** As the files write it: 2 is `v02`. */
const shownVersion = (version: number): string => `v${String(version).padStart(2, '0')}`

/**
 * Compares what a generation was built from with the definition of today.
 *
 * @returns undefined if they agree, `definition v02` if the definition is of a newer version
 * @throws DEFINITION_DRIFT if a released definition was edited, is older than what serves, or gives other columns
 * because a table under it changed; the message shows the difference
 */
export function newerDefinition(generation: BuiltFrom, definition: Definition): string | undefined {
  if (definition.version > generation.definitionVersion) return `definition ${shownVersion(definition.version)}`
  const name = definitionName(definition.readModel, generation.definitionVersion + 1)
  const serves = shownVersion(generation.definitionVersion)
  if (definition.version < generation.definitionVersion) {
    throw drift(generation, `${definition.file} is older than ${serves}, which serves; write it as ${name} to go back`)
  }
  const columns = storedColumns(definition)
  if (definition.hash === generation.definitionHash && promisesOnly(generation.columns, columns))
    return 'what the columns promise (NOT NULL)'
  const difference = changesText(columnChanges(generation.columns, columns))
  const shown = difference === '' ? '' : ` (${difference})`
  if (definition.hash !== generation.definitionHash) {
    throw drift(generation, `${definition.file} was edited after release${shown}; undo the edit and write ${name}`)
  }
  if (difference === '') return undefined
  throw drift(
    generation,
    `a table under ${definition.file} changed${shown}; run \`trifold rebuild ${generation.target}\`, or write ${name}`,
    difference.split('; '),
  )
}

/** Whether columns differ in NOT NULL alone: the configuration or a table promises more, or less, than before. */
function promisesOnly(before: Stored[], after: Stored[]): boolean {
  const types = (columns: Stored[]) =>
    columns
      .map(({ name, type }) => `${name} ${type}`)
      .sort()
      .join()
  const promises = (columns: Stored[]) =>
    columns
      .map(({ name, notNull }) => `${name} ${notNull}`)
      .sort()
      .join()
  return types(before) === types(after) && promises(before) !== promises(after)
}

/** How the columns of two definitions differ. Types are shown with `not null`. */
export interface ColumnChanges {
  added: { name: string; type: string }[]
  removed: { name: string; type: string }[]
  changed: { name: string; before: string; after: string }[]
}

/** How the columns of a definition differ from those before. */
export function columnChanges(before: readonly Stored[], after: readonly Stored[]): ColumnChanges {
  const was = new Map(before.map((column) => [column.name, shownType(column)]))
  const is = new Map(after.map((column) => [column.name, shownType(column)]))
  const missingIn = (columns: readonly Stored[], others: ReadonlyMap<string, string>) =>
    columns.filter(({ name }) => !others.has(name)).map((column) => ({ name: column.name, type: shownType(column) }))
  return {
    added: missingIn(after, was),
    removed: missingIn(before, is),
    changed: before
      .map((column) => ({ name: column.name, before: shownType(column), after: is.get(column.name) ?? '' }))
      .filter((change) => is.has(change.name) && change.before !== change.after),
  }
}

/** `+ note text; - status text; total integer → bigint`, or an empty string. */
export const changesText = ({ added, removed, changed }: ColumnChanges): string =>
  [
    ...added.map(({ name, type }) => `+ ${name} ${type}`),
    ...removed.map(({ name, type }) => `- ${name} ${type}`),
    ...changed.map((change) => `${change.name} ${change.before} → ${change.after}`),
  ].join('; ')

const shownType = (column: Stored): string => `${column.type}${column.notNull ? ' not null' : ''}`

/** @param changes what is another one now, if that is known one by one */
const drift = (generation: BuiltFrom, what: string, changes?: string[]): TrifoldError =>
  new TrifoldError('DEFINITION_DRIFT', `definition: ${generation.target}: ${what}`, changes && { details: { changes } })
