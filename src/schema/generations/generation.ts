import type { Resolution } from './resolution.ts'

/** Settings of a target that only a rebuild changes, such as the columns of full text. */
export type BuildSettings = Readonly<Record<string, unknown>>

/** One physical build of a target. */
export interface Generation {
  id: string
  target: string
  number: number
  /** The relation (in the schema `trifold`) or the index. */
  storage: string
  state: 'building' | 'built' | 'serving' | 'retired' | 'dropped'
  definitionVersion: number
  definitionHash: string
  columns: { name: string; type: string; notNull: boolean }[]
  /** Tells the storage from another of the same name, if the engine can tell. */
  storageIdentity: string | undefined
  /** What the names of the definition resolved to when it was built. */
  resolution: Resolution
  /** The settings that it was built with. */
  settings: BuildSettings
  /** The snapshot of the build: events visible in it are already in the rows. */
  buildSnapshot: string | undefined
  /** The last window before the build; while it is being built, one that is no later. */
  buildWindow: string | undefined
}

/** What {@link generationOf} reads. */
export const generationColumns = `
  id, target, number, storage, state, definition_version, definition_hash, columns, resolution, settings,
  storage_identity, build_snapshot::text, build_window`

/** Reads a row of {@link generationColumns}. */
export function generationOf(row: Record<string, string | null>): Generation {
  return {
    id: row.id as string,
    target: row.target as string,
    number: Number(row.number),
    storage: row.storage as string,
    state: row.state as Generation['state'],
    definitionVersion: Number(row.definition_version),
    definitionHash: row.definition_hash as string,
    columns: JSON.parse(row.columns as string),
    resolution: JSON.parse(row.resolution as string),
    settings: JSON.parse(row.settings as string),
    storageIdentity: row.storage_identity ?? undefined,
    buildSnapshot: row.build_snapshot ?? undefined,
    buildWindow: row.build_window ?? undefined,
  }
}
