import { keyText } from '../definition/key.ts'
import { columnList, decodeWhatCan, fromSource, keyOf, type RowSource } from '../definition/rows.ts'
import type { Column, Definition } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'
import { Parameters } from '../query/relation/parameters.ts'
import { quoteIdent } from '../sql.ts'
import { type KeyRange, rangeSql } from './key-range.ts'
import type { Scene } from './scene.ts'

/** Into so many parts the rows of a range are hashed. A power of two. */
const partCount = 1_024

/** How two sides of a range compare. */
export interface HashedRange {
  /** Of the definition. */
  rows: number
  /** Those that differ. */
  parts: string[]
}

/**
 * Compares the rows of a range on both sides by hashes of their texts, as PostgreSQL writes them: values that are equal and
 * not the same (1.0 and 1.00) differ. The rows are spread over parts by a hash of their keys; in each part the number of
 * rows and the exclusive or of their hashes are compared.
 */
export async function hashRange(scene: Scene, found: RowSource, range: KeyRange): Promise<HashedRange> {
  const parameters = new Parameters()
  const conditions = conditionsOf(scene, range, parameters)
  const { rows } = await scene.client.query(
    `with wanted as (${hashedSql(scene, scene.wanted, conditions)}
    ), found as (${hashedSql(scene, found, conditions)}
    )
    select
      (select coalesce(sum(rows), 0) from wanted)::text as rows,
      array_to_json(array(
        select coalesce(wanted.part, found.part)::text
        from wanted
        full join found on found.part = wanted.part
        where (wanted.rows, wanted.hash) is distinct from (found.rows, found.hash)
      ))::text as differing`,
    parameters.values,
  )
  return { rows: Number(rows[0].rows), parts: JSON.parse(rows[0].differing) }
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

function hashedSql({ definition, columns }: Scene, source: RowSource, conditions: readonly string[]): string {
  const where = conditions.length > 0 ? `\n        where ${conditions.join('\n          and ')}` : ''
  return `
      select part, count(*) as rows, bit_xor(hash) as hash
      from (
        select ${partSql(definition)} as part, ${hashSql(columns, 0)} as hash
        from ${fromSource(source)}${where}
      ) as hashed
      group by part`
}

const partSql = ({ key }: Definition): string => `${hashSql(key, 1)} & ${partCount - 1}`

const hashSql = (columns: readonly Column[], seed: number): string =>
  `hashtextextended((row(${columns.map(({ name }) => `source.${quoteIdent(name)}`).join(', ')})::text) collate "C", ${seed})`

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
