import type pg from 'pg'
import { definitionCost } from '../definition/plan-cost.ts'
import { columnList, type Part, type RowSource } from '../definition/rows.ts'
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
  const whole = await definitionCost(client, definition)
  const one = await definitionCost(client, definition, oneRow(definition, first))
  if (one.cost * ranges <= copyCosts * whole.cost) return { definition }
  await client.query(
    `create temporary table ${copy.replace('pg_temp.', '')} on commit drop as
    select ${columnList(definition)}
    from ${definitionSource(definition)} as definition`,
  )
  await client.query(`create index on ${copy} (${keyColumnsSql(definition)})`)
  await client.query(`analyze ${copy}`)
  return { definition, relation: copy }
}

/** A range of one row. */
function oneRow(definition: Definition, row: Row): Part {
  const parameters = new Parameters()
  const conditions = rangeSql(definition, { after: row, upTo: row }, parameters)
  return { condition: conditions.join(' and '), values: parameters.values }
}
