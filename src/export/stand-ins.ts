import { keyOfText, keyText } from '../definition/key.ts'
import { keysWhere, type RowSource, rowsByKey } from '../definition/rows.ts'
import type { Definition } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'
import type { FrozenRows, Kept } from '../materializer.ts'
import { qualified } from '../sql.ts'
import type { Sitting } from '../verify/sitting.ts'

/** More keys than this are not replaced: the target is to catch up first. */
const mostKeys = 20_000

/**
 * The rows of an event-fed target that are not yet those of the snapshot, and what they are at it: an event that the
 * snapshot shows and the target does not reflect names their keys.
 */
export interface StandIns {
  /** By key text: the rows of the target with these keys do not count. */
  keys: ReadonlyMap<string, Value[]>
  /** The rows that such keys have at the snapshot. */
  rows: readonly Row[]
}

export const noStandIns: StandIns = { keys: new Map(), rows: [] }

/**
 * Makes the rows of the keys that events ahead name, as the target will have them after the events; the definition gives
 * those that will be recomputed, and those of suspect keys.
 *
 * @returns undefined if there are too many
 */
export async function standInsOf(definition: Definition, sitting: Sitting): Promise<StandIns | undefined> {
  const { client, ahead, suspects } = sitting
  const recomputed = new Map<string, Value[]>()
  for (const text of suspects.keys.keys()) recomputed.set(text, keyOfText(definition.key, text))
  await addWheres(recomputed, definition, sitting)
  if (recomputed.size + ahead.keys.size > mostKeys) return undefined
  const kept = await keptRows(definition, sitting)
  const rows = new Map<string, Row>()
  for (const [text, operations] of ahead.keys) {
    if (recomputed.has(text)) continue
    const row = ahead.after(operations, kept.get(text) ?? nothing)
    if (row === 'recompute') recomputed.set(text, operations.key)
    else if (row) rows.set(text, row)
  }
  const defined = await rowsByKey(client, { definition }, [...recomputed.values()])
  for (const [text, row] of defined) rows.set(text, row)
  const named = [...ahead.keys].map(([text, { key }]): [string, Value[]] => [text, key])
  return { keys: new Map([...named, ...recomputed]), rows: [...rows.values()] }
}

const nothing: Kept = { row: undefined, ordinal: 0, snapshot: undefined }

/** The keys of rows that events ask to recompute by their values: those that have them now, and those that had them. */
async function addWheres(keys: Map<string, Value[]>, definition: Definition, sitting: Sitting): Promise<void> {
  const { client, ahead, frozen } = sitting
  const sources: RowSource[] = [{ definition }, ...(frozen ? [] : [storedRows(definition, sitting)])]
  for (const where of ahead.wheres)
    for (const source of sources)
      for (const key of await keysWhere(client, source, where)) keys.set(keyText(definition.key, key), key)
}

const storedRows = (definition: Definition, { generation }: Sitting): RowSource => ({
  definition,
  relation: qualified('trifold', generation.storage),
})

async function keptRows(definition: Definition, sitting: Sitting): Promise<ReadonlyMap<string, Kept>> {
  const { client, ahead, frozen, rowSnapshots } = sitting
  if (frozen) return keptInFrozen(frozen, [...ahead.keys.keys()])
  const keys = [...ahead.keys.values()].map(({ key }) => key)
  const rows = await rowsByKey(client, storedRows(definition, sitting), keys)
  return new Map(
    [...rows].map(([text, row]): [string, Kept] => [text, { row, ordinal: 0, snapshot: rowSnapshots.get(text) }]),
  )
}

const keptInFrozen = (frozen: FrozenRows, keys: readonly string[]): Promise<ReadonlyMap<string, Kept>> =>
  keys.length === 0 ? Promise.resolve(new Map()) : frozen.kept(keys)
