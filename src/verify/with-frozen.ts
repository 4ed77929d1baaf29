import { keyText } from '../definition/key.ts'
import { byKey, columnList, decodeWhatCan, fromSource, keyOf, rowsByKey } from '../definition/rows.ts'
import type { Row } from '../encoding.ts'
import type { FrozenRows } from '../materializer.ts'
import { Parameters } from '../query/relation/parameters.ts'
import { hashOfDefinition } from './hashes.ts'
import { type KeyRange, keyRow, rangeSql } from './key-range.ts'
import { rowText } from './row-text.ts'
import { type Compared, differencesAhead, differencesOf, type Found, type Scene, secondRows } from './scene.ts'
import { TextHash } from './text-hash.ts'

/**
 * Compares a key range of a store outside of PostgreSQL with the definition: the number of rows and the exclusive or of their
 * hashes, which this process makes of one side and PostgreSQL of the other, and row by row where these differ.
 *
 * @param frozen as it was before the snapshot of the scene, so that it has nothing which the snapshot does not show
 */
export async function compareWithFrozen(
  scene: Scene,
  frozen: FrozenRows,
  after: Row | undefined,
  limit: number,
): Promise<Compared> {
  const { definition } = scene
  const rows = await frozen.rows(limit, after)
  const last = rows.length < limit ? undefined : rows.at(-1)
  const range = { after, upTo: last && keyRow(definition, last) }
  const wanted = await hashOfDefinition(scene, range)
  const ahead = await differencesAheadIn(scene, frozen)
  const found = hashOfRows(scene, rows)
  if (found.rows === wanted.rows && found.hash === wanted.hash)
    return { rows: wanted.rows, found: ahead, upTo: range.upTo }
  const inRange = await rowsInRange(scene, range)
  const differing = differencesOf(scene, inRange, byKey(definition, rows))
  return { rows: inRange.size, found: [...differing, ...secondRows(scene, rows), ...ahead], upTo: range.upTo }
}

/** Of the rows that no event ahead names. */
function hashOfRows(
  { definition, columns, ahead }: Scene,
  rows: readonly Row[],
): { rows: number; hash: string | null } {
  const hash = new TextHash()
  let count = 0
  for (const row of rows) {
    if (ahead.keys.size > 0 && ahead.keys.has(keyText(definition.key, keyOf(definition, row)))) continue
    hash.add(rowText(columns, row))
    count += 1
  }
  return { rows: count, hash: count === 0 ? null : hash.toString() }
}

async function rowsInRange({ client, definition, wanted }: Scene, range: KeyRange): Promise<Map<string, Row>> {
  const parameters = new Parameters()
  const conditions = rangeSql(definition, range, parameters)
  const { rows } = await client.query(
    `select ${columnList(definition)}
    from ${fromSource(wanted)}
    where ${['true', ...conditions].join('\n      and ')}`,
    parameters.values,
  )
  return byKey(
    definition,
    rows.map((row) => decodeWhatCan(definition, row)),
  )
}

/** The differences among the keys that events ahead name. */
export async function differencesAheadIn(scene: Scene, frozen: FrozenRows): Promise<Found[]> {
  const { keys } = scene.ahead
  if (keys.size === 0) return []
  const values = [...keys.values()].map(({ key }) => key)
  const wanted = await rowsByKey(scene.client, scene.wanted, values, decodeWhatCan)
  return differencesAhead(scene, wanted, await frozen.kept([...keys.keys()]))
}
