import type pg from 'pg'
import type { Column, Definition } from '../../definition.ts'
import type { Value } from '../../encoding.ts'
import { TrifoldError } from '../../errors.ts'
import type { Changes, KeyedOperation } from '../../net-change/operations.ts'
import { sqlState } from '../../sql.ts'

/** Keys of a page in which a value is looked for by trying: pages become as small while their event is looked for. */
const fewKeys = 20

/**
 * Names the columns of a value that PostgreSQL has refused: those of the constraint or index that it names, or the one
 * whose value it does not take by itself.
 *
 * @returns the error itself where it is about no value
 */
export async function withColumn(
  client: pg.ClientBase,
  definition: Definition,
  changes: Changes,
  error: unknown,
): Promise<unknown> {
  if (!/^(22|23|54)...$/.test(sqlState(error) ?? '')) return error
  const found = error as pg.DatabaseError
  const columns = (await columnsNamedBy(client, found)) ?? (await columnsByTrying(client, definition, changes))
  const shown =
    columns.length > 0 ? ` for ${columns.length === 1 ? 'the column' : 'one of the columns'} ${columns.join(', ')}` : ''
  return new TrifoldError('VALUE_INVALID', `table: PostgreSQL refuses a value${shown}: ${found.message}`, {
    cause: error,
    details: { columns, sqlState: found.code },
  })
}

async function columnsNamedBy(client: pg.ClientBase, error: pg.DatabaseError): Promise<string[] | undefined> {
  if (error.column) return [error.column]
  const name = error.constraint ?? /index "([^"]+)"/.exec(error.message)?.[1]
  if (!name) return undefined
  const { rows } = await client.query(
    `select attribute.attname as name
    from (
      select indrelid as relation, indkey::smallint[] as columns
      from pg_index
      join pg_class on pg_class.oid = indexrelid
      where relname = $1 and relnamespace = 'trifold'::regnamespace
      union all
      select conrelid, conkey
      from pg_constraint
      where conname = $1 and connamespace = 'trifold'::regnamespace
    ) as named
    join pg_attribute as attribute on attribute.attrelid = relation and attribute.attnum = any (columns)
    group by attribute.attname, attribute.attnum
    order by attribute.attnum`,
    [name],
  )
  return rows.length > 0 ? rows.map((row) => row.name) : undefined
}

async function columnsByTrying(client: pg.ClientBase, definition: Definition, changes: Changes): Promise<string[]> {
  if (changes.byKey.size > fewKeys) return []
  for (const { operations } of changes.byKey.values()) {
    for (const [column, value] of operations.flatMap((operation) => written(definition, operation))) {
      if (value !== null && !(await isTaken(client, column, value))) return [column.name]
    }
  }
  return []
}

function written({ columns }: Definition, operation: KeyedOperation): [Column, Value][] {
  const row = operation.kind === 'set' ? operation.row : operation.kind === 'patch' ? operation.columns : {}
  return columns.filter(({ name }) => name in row).map((column) => [column, row[column.name] as Value])
}

const isTaken = (client: pg.ClientBase, { encoding }: Column, value: Value): Promise<boolean> =>
  client.query(`select $1::text::${encoding.pgType}`, [encoding.text(value)]).then(
    () => true,
    () => false,
  )
