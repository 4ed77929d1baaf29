import { byKey, columnList, decodeWhatCan, fromSource, rowsByKey } from '../definition/rows.ts'
import type { Row } from '../encoding.ts'
import type { FrozenRows } from '../materializer.ts'
import { Parameters } from '../query/relation/parameters.ts'
import { type KeyRange, keyRow, rangeSql } from './key-range.ts'
import { type Compared, differencesAhead, differencesOf, type Found, type Scene } from './scene.ts'

/**
 * Compares a key range of a store outside of PostgreSQL with the definition, row by row in this process: its rows have to
 * come here in any case.
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
  const upTo = last && keyRow(definition, last)
  const wanted = await rowsInRange(scene, { after, upTo })
  const found = [...differencesOf(scene, wanted, byKey(definition, rows)), ...(await differencesAheadIn(scene, frozen))]
  return { rows: wanted.size, found, upTo }
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

async function differencesAheadIn(scene: Scene, frozen: FrozenRows): Promise<Found[]> {
  const { keys } = scene.ahead
  if (keys.size === 0) return []
  const values = [...keys.values()].map(({ key }) => key)
  const wanted = await rowsByKey(scene.client, scene.wanted, values, decodeWhatCan)
  return differencesAhead(scene, wanted, await frozen.kept([...keys.keys()]))
}
