import type pg from 'pg'
import { columnList, fromSource, type RowSource } from '../definition/rows.ts'
import { type Definition, definitionSource } from '../definition.ts'
import type { Row } from '../encoding.ts'
import { Parameters } from '../query/relation/parameters.ts'
import { keyColumnsSql } from '../query.ts'
import { rangeSql } from './key-range.ts'

/** A copy may cost as much as reading the definition so many times. */
const copyCosts = 2

const copy = 'pg_temp.trifold_definition'

/**
 * The source from which the rows of the definition are read range by range: the definition itself if the planner pushes
 * the condition on the key into it, else a copy of its rows at the snapshot of the transaction. A definition with a window
 * over all rows, for one, would be computed wholly for each range.
 *
 * @param ranges how many are expected
 * @param first a row where a range may begin
 */
export async function wantedSource(
  client: pg.ClientBase,
  definition: Definition,
  ranges: number,
  first: Row | undefined,
): Promise<RowSource> {
  if (ranges <= copyCosts || !first) return { definition }
  const whole = await costOf(client, definition, undefined)
  const one = await costOf(client, definition, first)
  if (one * ranges <= copyCosts * whole) return { definition }
  await client.query(
    `create temporary table ${copy.replace('pg_temp.', '')} on commit drop as
    select ${columnList(definition)}
    from ${definitionSource(definition)} as definition`,
  )
  await client.query(`create index on ${copy} (${keyColumnsSql(definition)})`)
  await client.query(`analyze ${copy}`)
  return { definition, relation: copy }
}

/** The planner's cost of the whole definition, or of the row with one key. */
async function costOf(client: pg.ClientBase, definition: Definition, row: Row | undefined): Promise<number> {
  const parameters = new Parameters()
  const conditions = row ? [...rangeSql(definition, { after: row, upTo: row }, parameters)] : []
  const { rows } = await client.query(
    `explain (format json)
    select ${columnList(definition)}
    from ${fromSource({ definition })}
    where ${['true', ...conditions].join(' and ')}`,
    parameters.values,
  )
  const shown = rows[0]['QUERY PLAN']
  const plans = typeof shown === 'string' ? JSON.parse(shown) : shown
  return plans[0].Plan['Total Cost']
}
