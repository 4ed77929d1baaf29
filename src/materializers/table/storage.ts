import type pg from 'pg'
import { columnList, type Part } from '../../definition/rows.ts'
import { type Definition, definitionSource } from '../../definition.ts'
import type { TargetContext } from '../../materializer.ts'
import { collationSql } from '../../query/relation/indexes.ts'
import { qualified, quoteIdent } from '../../sql.ts'
import { indexStatements } from '../relation-indexes.ts'

/** The table of one generation, in the schema `trifold`. */
export const tableName = (context: TargetContext, number: number): string => `${context.name}__table_g${number}`

// Room on each page for the next versions of its rows: most changes then leave the indexes alone (HOT updates).
const fillFactor = 70

/** Creates the empty table, without key and indexes: they are cheaper to build over a table with rows. */
export async function createTable(client: pg.ClientBase, definition: Definition, table: string): Promise<void> {
  const columns = definition.columns.map(
    (column) =>
      `${quoteIdent(column.name)} ${column.encoding.pgType}${collationSql(column)}${column.notNull ? ' not null' : ''}`,
  )
  await client.query(
    `create table ${qualified('trifold', table)} (\n${columns.join(',\n')}\n) with (fillfactor = ${fillFactor})`,
  )
}

/** Copies the rows of the definition, or some, as the transaction's snapshot shows them. Returns their number. */
export async function copyDefinition(
  client: pg.ClientBase,
  definition: Definition,
  table: string,
  { condition, values }: Part = { condition: 'true', values: [] },
): Promise<number> {
  const { rowCount } = await client.query(
    `insert into ${qualified('trifold', table)} (${columnList(definition)})
    select ${columnList(definition)}
    from ${definitionSource(definition)} as definition
    where ${condition}`,
    [...values],
  )
  return rowCount ?? 0
}

/** Adds the key. */
export async function keyTable(client: pg.ClientBase, { definition }: TargetContext, table: string): Promise<void> {
  const key = definition.key.map((column) => quoteIdent(column.name)).join(', ')
  await client.query(`alter table ${qualified('trifold', table)} add primary key (${key})`)
}

/** Adds the declared indexes and the planner's statistics. */
export async function indexTable(client: pg.ClientBase, context: TargetContext, table: string): Promise<void> {
  for (const statement of indexStatements(context, table)) await client.query(statement)
  await client.query(`analyze ${qualified('trifold', table)}`)
}
