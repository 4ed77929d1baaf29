import type pg from 'pg'
import { type Definition, storedColumns } from './definition.ts'
import { deleteConsumer } from './schema/consumers.ts'
import {
  type BuildSettings,
  type Generation,
  insertGeneration,
  markDropped,
  markServing,
  nextNumber,
  type Resolution,
  retireServing,
  unservedGenerations,
} from './schema/generations.ts'
import { deleteAllRangeSnapshots } from './schema/range-snapshots.ts'
import { deleteRowSnapshots } from './schema/row-snapshots.ts'

/** What a generation is built from, and why. */
export interface BuiltFrom {
  definition: Definition
  resolution: Resolution
  settings: BuildSettings
  reason: string
}

/**
 * Registers the next generation of a target, in the state `building`.
 *
 * @param storageOf names the relation or index of generation `number`
 * @param above the number is greater than this, if storages are known of which the database has no row
 */
export async function beginGeneration(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  { definition, resolution, settings, reason }: BuiltFrom,
  storageOf: (number: number) => string,
  above = 0,
): Promise<Generation> {
  const number = await nextNumber(client, target, above)
  const columns = storedColumns(definition)
  return insertGeneration(client, {
    target,
    number,
    storage: storageOf(number),
    reason,
    definition,
    columns,
    resolution,
    settings,
  })
}

/** Makes a generation the serving one and retires the one before; inside the caller's transaction. */
export async function serveGeneration(client: Pick<pg.ClientBase, 'query'>, generation: Generation): Promise<void> {
  await retireServing(client, generation.target)
  await markServing(client, generation)
}

/**
 * Drops the storage of generations that do not serve: of an interrupted rebuild, or of one that was replaced. Their rows
 * stay, so that a number is never used again: a late write of the past must not land in a storage of the present.
 *
 * @param drop removes one relation or index, and does not mind if it is gone already; false leaves it for the next time
 * @param which `only` this generation, or every one of the target `except` this; default every one
 */
export async function dropUnserved(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  drop: (storage: string) => Promise<boolean>,
  { only, except }: { only?: Generation | undefined; except?: Generation | undefined } = {},
): Promise<void> {
  for (const { id, storage } of await unservedGenerations(client, target, only)) {
    if (id === except?.id) continue
    if (!(await drop(storage))) continue
    await deleteConsumer(client, id)
    await deleteRowSnapshots(client, id)
    await deleteAllRangeSnapshots(client, id)
    await markDropped(client, id)
  }
}
