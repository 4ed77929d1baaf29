import type pg from 'pg'
import { columnList, fromSource } from '../definition/rows.ts'
import type { Column, Definition } from '../definition.ts'
import { arrayText } from '../encoding/array.ts'
import type { Row, Value } from '../encoding.ts'
import { conditionSql, whereSql } from '../query/relation/filter.ts'
import { orderColumnSql } from '../query/relation/indexes.ts'
import { Literals } from '../query/relation/literals.ts'
import { Parameters } from '../query/relation/parameters.ts'
import { quoteIdent } from '../sql.ts'
import { rowText } from '../verify/row-text.ts'
import type { ExportPlan } from './request.ts'
import type { RowFormat } from './row-format.ts'
import type { StandIns } from './stand-ins.ts'

const rowsTable = 'trifold_stand_ins'
const keysTable = 'trifold_stand_in_keys'

/** Rows of {@link keepStandIns}, as the source of a select. */
export const standInRows = `pg_temp.${rowsTable}`

/** Puts rows and keys into temporary tables of the transaction. */
export async function keepStandIns(client: pg.ClientBase, definition: Definition, standIns: StandIns): Promise<void> {
  const { key } = definition
  await createRows(client, definition, definition.columns)
  await addStandIns(client, definition, standIns.rows)
  await client.query(
    `create temporary table ${keysTable} on commit drop as
    select ${key.map(({ name }) => quoteIdent(name)).join(', ')}
    from ${standInRows}
    with no data`,
  )
  const parameters = new Parameters()
  const keys = [...standIns.keys.values()]
  const lists = key.map((column, place) =>
    parameters.list(
      column,
      keys.map((values) => values[place] as Value),
    ),
  )
  await client.query(
    `insert into pg_temp.${keysTable}
    select *
    from unnest(${lists.join(', ')})`,
    parameters.values,
  )
  await client.query(`analyze pg_temp.${keysTable}`)
}

/** Makes {@link standInRows}, of some columns. */
export async function createRows(
  client: pg.ClientBase,
  definition: Definition,
  columns: readonly Column[],
): Promise<void> {
  await client.query(
    `create temporary table ${rowsTable} on commit drop as
    select ${columns.map(({ name }) => quoteIdent(name)).join(', ')}
    from ${fromSource({ definition })}
    with no data`,
  )
}

export async function addStandIns(
  client: pg.ClientBase,
  { columns }: { columns: readonly Column[] },
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return
  await client.query(
    `insert into ${standInRows}
    select (one.text::${standInRows}).*
    from unnest($1::text[]) as one (text)`,
    [arrayText(rows.map((row) => rowText(columns, row)))],
  )
}

/** A relation whose rows with the keys of stand-ins are replaced by these. @param relation quoted and qualified */
export function withStandIns(definition: Definition, relation: string): string {
  const same = definition.key.map(({ name }) => `named.${quoteIdent(name)} = stored.${quoteIdent(name)}`)
  return `(
    select ${columnList(definition)}
    from ${relation} as stored
    where not exists (
      select
      from pg_temp.${keysTable} as named
      where ${same.join(' and ')}
    )
    union all
    select ${columnList(definition)}
    from ${standInRows}
  )`
}

/** The statement that gives the rows of an export. @param source a relation, or a select in brackets */
export function copyStatement(
  source: string,
  { conditions, order }: Pick<ExportPlan, 'conditions' | 'order'>,
  { list, copyOptions }: RowFormat,
): string {
  const literals = new Literals()
  const where = whereSql(conditions.map((condition) => conditionSql(condition, literals)))
  const sorted = order.length === 0 ? '' : `\norder by ${order.map(orderColumnSql).join(', ')}`
  return `copy (
select ${list}
from ${source} as source${where}${sorted}
) to stdout${copyOptions}`
}
