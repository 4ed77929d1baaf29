import { keyText } from '../definition/key.ts'
import { byKey, columnList, decodeWhatCan, fromSource, keyOf, type RowSource } from '../definition/rows.ts'
import type { Column, Definition } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'
import { Parameters } from '../query/relation/parameters.ts'
import { quoteIdent } from '../sql.ts'
import { type KeyRange, rangeSql } from './key-range.ts'
import { type HashedPart, partCount } from './row-hashes.ts'
import type { Scene } from './scene.ts'

/** How two sides of a range compare. */
export interface HashedRange {
  /** Of the definition. */
  rows: number
  isEqual: boolean
}

/**
 * Compares the rows of a range on both sides by hashes of their texts, as PostgreSQL writes them: values that are equal and
 * not the same (1.0 and 1.00) differ. Compared are the number of rows and the exclusive or of their hashes, which needs no
 * order, so that several processes of PostgreSQL can share the work.
 */
export async function hashRange(scene: Scene, found: RowSource, range: KeyRange): Promise<HashedRange> {
  const parameters = new Parameters()
  const conditions = conditionsOf(scene, range, parameters)
  const { rows } = await scene.client.query(
    `select
      wanted.rows::text,
      (wanted.rows, wanted.hash) is not distinct from (found.rows, found.hash) as equal
    from (${summedSql(scene, scene.wanted, conditions)}
    ) as wanted
    cross join (${summedSql(scene, found, conditions)}
    ) as found`,
    parameters.values,
  )
  return { rows: Number(rows[0].rows), isEqual: rows[0].equal === 't' }
}

/**
 * The parts of the whole definition by number, for rows that are hashed elsewhere: the record's text of a row is hashed, and
 * that of its key says to which part it belongs.
 */
export async function partsOfDefinition(scene: Scene, key: readonly Column[]): Promise<Map<number, HashedPart>> {
  const parameters = new Parameters()
  const conditions = conditionsOf(scene, whole, parameters)
  const { rows } = await scene.client.query(
    summedSql(scene, scene.wanted, conditions, { part: recordPartSql(key), hash: recordHashSql(scene.columns, 0) }),
    parameters.values,
  )
  return new Map(rows.map(({ part, rows, hash }) => [Number(part), { rows: Number(rows), hash }]))
}

/** The rows of the definition that belong to some of {@link partsOfDefinition}, by key text. */
export async function definitionOfParts(
  { client, definition, wanted }: Scene,
  key: readonly Column[],
  parts: Iterable<number>,
): Promise<Map<string, Row>> {
  const { rows } = await client.query(
    `select ${columnList(definition)}
    from ${fromSource(wanted)}
    where ${recordPartSql(key)} = any ('{${[...parts].join(',')}}')`,
  )
  return byKey(
    definition,
    rows.map((row) => decodeWhatCan(definition, row)),
  )
}

const whole: KeyRange = { after: undefined, upTo: undefined }

const recordPartSql = (key: readonly Column[]): string => `${recordHashSql(key, 0)} & ${partCount - 1}`

/** What {@link hashRange} compares, of the definition alone: for rows that are hashed elsewhere. Of each the record's text is hashed. */
export async function hashOfDefinition(scene: Scene, range: KeyRange): Promise<{ rows: number; hash: string | null }> {
  const parameters = new Parameters()
  const conditions = conditionsOf(scene, range, parameters)
  const { rows } = await scene.client.query(
    summedSql(scene, scene.wanted, conditions, { hash: recordHashSql(scene.columns, 0) }),
    parameters.values,
  )
  return { rows: Number(rows[0].rows), hash: rows[0].hash }
}

/**
 * The parts of a range in which two sides differ: its rows are spread over parts by a hash of their keys, and each part is
 * compared as {@link hashRange} compares the range.
 */
export async function differingParts(scene: Scene, found: RowSource, range: KeyRange): Promise<string[]> {
  const parameters = new Parameters()
  const conditions = conditionsOf(scene, range, parameters)
  const parted = (source: RowSource) => summedSql(scene, source, conditions, { part: partSql(scene.definition) })
  const { rows } = await scene.client.query(
    `select coalesce(wanted.part, found.part)::text as part
    from (${parted(scene.wanted)}
    ) as wanted
    full join (${parted(found)}
    ) as found on found.part = wanted.part
    where (wanted.rows, wanted.hash) is distinct from (found.rows, found.hash)`,
    parameters.values,
  )
  return rows.map(({ part }) => part)
}

/** The rows of some parts of a range, as PostgreSQL writes them, by key text. */
export async function rowsOfParts(
  scene: Scene,
  source: RowSource,
  range: KeyRange,
  parts: readonly string[],
): Promise<Map<string, Row>> {
  const parameters = new Parameters()
  const conditions = [
    ...conditionsOf(scene, range, parameters),
    `${partSql(scene.definition)} = any ('{${parts.join(',')}}')`,
  ]
  const { rows } = await scene.client.query(
    `select ${columnList(scene.definition)}
    from ${fromSource(source)}
    where ${conditions.join('\n      and ')}`,
    parameters.values,
  )
  const { definition } = scene
  return new Map(rows.map((row) => [keyText(definition.key, keyOf(definition, decodeWhatCan(definition, row))), row]))
}

/** The number of rows and the exclusive or of their hashes, of all or for each part. */
function summedSql(
  { columns }: Scene,
  source: RowSource,
  conditions: readonly string[],
  { part, hash = hashSql(columns, 0) }: { part?: string; hash?: string } = {},
): string {
  const where = conditions.length > 0 ? `\n      where ${conditions.join('\n        and ')}` : ''
  return `
      select ${part ? `${part} as part, ` : ''}count(*) as rows, bit_xor(${hash}) as hash
      from ${fromSource(source)}${where}${part ? '\n      group by 1' : ''}`
}

const partSql = ({ key }: Definition): string => `${hashSql(key, 1)} & ${partCount - 1}`

function hashSql(columns: readonly Column[], seed: number): string {
  const names = columns.map(({ name }) => `source.${quoteIdent(name)}`)
  return names.length === 1 ? textHashSql(`${names[0]}::text`, seed) : recordHashSql(columns, seed)
}

const recordHashSql = (columns: readonly Column[], seed: number): string =>
  textHashSql(`row(${columns.map(({ name }) => `source.${quoteIdent(name)}`).join(', ')})::text`, seed)

const textHashSql = (text: string, seed: number): string => `hashtextextended((${text}) collate "C", ${seed})`

/** The range without the keys that events ahead name: they are compared one by one. */
function conditionsOf({ definition, ahead }: Scene, range: KeyRange, parameters: Parameters): string[] {
  const conditions = rangeSql(definition, range, parameters)
  if (ahead.keys.size === 0) return conditions
  const keys = [...ahead.keys.values()].map(({ key }) => key)
  const lists = definition.key.map((column, place) =>
    parameters.list(
      column,
      keys.map((key) => key[place] as Value),
    ),
  )
  const same = definition.key.map(({ name }, place) => `named.k${place} = source.${quoteIdent(name)}`)
  const names = lists.map((_, place) => `k${place}`)
  return [
    ...conditions,
    `not exists (select from unnest(${lists.join(', ')}) as named (${names.join(', ')}) where ${same.join(' and ')})`,
  ]
}
