import type pg from 'pg'
import { storedColumns } from '../definition.ts'
import { changedSettings } from '../drift.ts'
import { currentEra } from '../era.ts'
import { readCursor } from '../schema/consumers.ts'
import type { Resolution } from '../schema/generations.ts'
import { type Generation, interruptedBuild } from '../schema/generations.ts'
import { windowsFrom } from '../schema/windows.ts'
import type { Building } from './building.ts'

/**
 * The generation that an interrupted rebuild has left behind, if the next can go on with it: nothing that it was begun from
 * has changed, and the events since then are still there.
 *
 * @param resolution what the names of the definition mean now
 */
export async function interrupted(
  { client, materializer, build, next }: Building,
  resolution: Resolution,
): Promise<Generation | undefined> {
  const { context, settings, fedBy } = materializer
  const { ranges } = build
  if (!next.catchUp || fedBy !== 'events' || !ranges?.damage) return undefined
  const { target, definition, model } = context
  const generation = await interruptedBuild(client, target, model.version ?? 1)
  if (!generation) return undefined
  const isSame =
    generation.definitionVersion === definition.version &&
    generation.definitionHash === definition.hash &&
    isEqual(generation.columns, storedColumns(definition)) &&
    isEqual(generation.resolution, resolution) &&
    !changedSettings(generation.settings, settings)
  if (!isSame || (await ranges.damage(client, generation))) return undefined
  return (await hasItsEvents(client, generation)) ? generation : undefined
}

/** As they are stored. */
const isEqual = (stored: unknown, now: unknown): boolean => sorted(stored) === sorted(now)

/** JSON with the properties of objects in one order: the database keeps another. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, one) =>
    one && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )

/** Whether the window behind which its cursor is, or will be, is kept, and of the era that goes on. */
async function hasItsEvents(client: pg.ClientBase, { id, buildWindow }: Generation): Promise<boolean> {
  const found = await readCursor(client, id)
  const place = found?.cursor.window ?? Number(buildWindow)
  const [window] = await windowsFrom(client, place, 0)
  const era = found?.cursor.era ?? window?.era
  return window?.id === place && era === (await currentEra(client))
}
