import { decodeWhatCan, type RowSource, rowsByKey } from '../definition/rows.ts'
import type { Row } from '../encoding.ts'
import type { Kept } from '../materializer.ts'
import { Parameters } from '../query/relation/parameters.ts'
import { keyColumnsSql } from '../query.ts'
import type { Snapshot } from '../snapshot.ts'
import { quoteIdent } from '../sql.ts'
import { differingParts, hashRange, rowsOfParts } from './hashes.ts'
import { keyRow, rangeSql } from './key-range.ts'
import { type Compared, differencesAhead, differencesOf, type Found, type Scene } from './scene.ts'

/**
 * Compares a key range of a relation with the definition, both as the transaction of the scene shows them: first by
 * hashes, then row by row where these differ.
 *
 * @param relation quoted and qualified
 * @param rowSnapshots the snapshots at which keys were recomputed, by key text
 * @param limit rows of the relation in the range
 */
export async function compareInRelation(
  scene: Scene,
  relation: string,
  rowSnapshots: ReadonlyMap<string, Snapshot>,
  after: Row | undefined,
  limit: number,
): Promise<Compared> {
  const { definition } = scene
  const found: RowSource = { definition, relation }
  const range = { after, upTo: await lastOfRange(scene, relation, after, limit) }
  const { rows, isEqual } = await hashRange(scene, found, range)
  const differing: Found[] = await differencesAheadIn(scene, found, rowSnapshots)
  if (!isEqual) {
    const parts = await differingParts(scene, found, range)
    const texts = [
      await rowsOfParts(scene, scene.wanted, range, parts),
      await rowsOfParts(scene, found, range, parts),
    ] as const
    differing.push(...differencesOf(scene, ...texts, (row) => row && decodeWhatCan(definition, row as never)))
  }
  return { rows, found: differing, upTo: range.upTo }
}

/** The keys of some rows of a relation at random, where samples begin. */
export async function someKeys(
  { client, definition }: Pick<Scene, 'client' | 'definition'>,
  relation: string,
  count: number,
  expected: number,
): Promise<Row[]> {
  const percent = Math.min(100, (100 * count * 20) / Math.max(1, expected))
  const { rows } = await client.query(
    `select ${definition.key.map(({ name }) => quoteIdent(name)).join(', ')}
    from ${relation} tablesample bernoulli (${percent})
    order by random()
    limit ${count}`,
  )
  return rows.map((row) => keyRow(definition, decodeWhatCan(definition, row)))
}

/** The key of the row with which a range ends; undefined if no row follows it. */
async function lastOfRange(
  { client, definition }: Scene,
  relation: string,
  after: Row | undefined,
  limit: number,
): Promise<Row | undefined> {
  const parameters = new Parameters()
  const conditions = rangeSql(definition, { after, upTo: undefined }, parameters)
  const key = keyColumnsSql(definition)
  const { rows } = await client.query(
    `select ${definition.key.map(({ name }) => quoteIdent(name)).join(', ')}
    from ${relation}
    ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
    order by ${key}
    offset ${parameters.count(limit - 1)}
    limit 2`,
    parameters.values,
  )
  return rows.length < 2 ? undefined : keyRow(definition, decodeWhatCan(definition, rows[0]))
}

async function differencesAheadIn(
  scene: Scene,
  found: RowSource,
  rowSnapshots: ReadonlyMap<string, Snapshot>,
): Promise<Found[]> {
  const keys = [...scene.ahead.keys.values()].map(({ key }) => key)
  if (keys.length === 0) return []
  const wanted = await rowsByKey(scene.client, scene.wanted, keys, decodeWhatCan)
  const rows = await rowsByKey(scene.client, found, keys, decodeWhatCan)
  const kept = [...scene.ahead.keys.keys()].map((text): [string, Kept] => [
    text,
    { row: rows.get(text), ordinal: 0, snapshot: rowSnapshots.get(text) },
  ])
  return differencesAhead(scene, wanted, new Map(kept))
}
