import type pg from 'pg'
import { type Column, type Definition, definitionSource } from '../definition.ts'
import { arrayText } from '../encoding/array.ts'
import type { Row, Value } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'
import { quoteIdent } from '../sql.ts'
import { keyText } from './key.ts'

/** Keys of several columns are compared one by one, so that each comparison can be pushed into the definition. */
const compositeKeysPerStatement = 200
const keysPerStatement = 5_000

/** The source of rows: the definition, or a relation that has its columns. */
export type RowSource = { definition: Definition; relation?: string }

/** Some rows of a definition: a condition on its columns, with the values of the parameters. */
export interface Part {
  condition: string
  values: readonly string[]
}

/** What follows `from`: the alias of either is `source`. */
export const fromSource = ({ definition, relation }: RowSource): string =>
  relation ? `${relation} as source` : `${definitionSource(definition)} as source`

/** Every row of the definition by key text, as it is now. `client` gives values as text. */
export async function definitionRows(
  client: Pick<pg.ClientBase, 'query'>,
  definition: Definition,
): Promise<Map<string, Row>> {
  return byKey(definition, await select(client, { definition }, 'true', []))
}

/** Rows by key text. */
export const byKey = (definition: Definition, rows: readonly Row[]): Map<string, Row> =>
  new Map(rows.map((row) => [keyText(definition.key, keyOf(definition, row)), row]))

/** Rows by key text; keys without a row are left out. `client` gives values as text. */
export async function rowsByKey(
  client: Pick<pg.ClientBase, 'query'>,
  source: RowSource,
  keys: readonly Value[][],
  decode = decodeRow,
): Promise<Map<string, Row>> {
  const { definition } = source
  const found = new Map<string, Row>()
  const size = definition.key.length === 1 ? keysPerStatement : compositeKeysPerStatement
  for (let start = 0; start < keys.length; start += size) {
    const { condition, values } = keyCondition(definition.key, keys.slice(start, start + size))
    for (const row of await select(client, source, condition, values, decode)) {
      found.set(keyText(definition.key, keyOf(definition, row)), row)
    }
  }
  return found
}

/** The keys of the rows whose columns have the given values (null asks for missing ones). */
export async function keysWhere(
  client: Pick<pg.ClientBase, 'query'>,
  source: RowSource,
  where: Row,
): Promise<Value[][]> {
  const { definition } = source
  const values: string[] = []
  const conditions = Object.entries(where).map(([name, value]) => {
    if (value === null) return `${quoteIdent(name)} is null`
    const { encoding } = definition.columns.find((column) => column.name === name) as Column
    return `${quoteIdent(name)} = $${values.push(encoding.text(value))}::${encoding.pgType}`
  })
  const rows = await select(client, source, conditions.join(' and '), values)
  return rows.map((row) => keyOf(definition, row))
}

/** The values of the key columns of a row. */
export const keyOf = (definition: Definition, row: Row): Value[] =>
  definition.key.map((column) => row[column.name] as Value)

/**
 * A row of PostgreSQL's texts in canonical form.
 *
 * @throws VALUE_INVALID naming column and key, if a value has no canonical form (a NaN, an array of two dimensions)
 */
export const decodeRow = (definition: Definition, row: Texts): Row =>
  decodeEach(definition, row, (column, cause) => {
    throw invalidValue(definition, column, row, cause)
  })

/** The same for comparisons: a value without a canonical form stays the text that it is, which equals no other value. */
export const decodeWhatCan = (definition: Definition, row: Texts): Row =>
  decodeEach(definition, row, (column) => row[column] as string)

type Texts = Record<string, string | null>

function decodeEach({ columns }: Definition, row: Texts, instead: (column: string, cause: Error) => Value): Row {
  const decoded: Row = {}
  for (const { name, encoding } of columns) {
    const text = row[name]
    try {
      decoded[name] = text === null || text === undefined ? null : encoding.decode(text)
    } catch (cause) {
      decoded[name] = instead(name, cause as Error)
    }
  }
  return decoded
}

/** A row in the form in which the application gets it. */
export function readRow({ columns }: Definition, row: Row): Row {
  const read = { ...row }
  for (const { name, encoding } of columns) {
    const value = row[name]
    if (encoding.read && value !== null && value !== undefined) read[name] = encoding.read(value)
  }
  return read
}

/** The error of a value that a read model cannot hold. @param row at least its key, as PostgreSQL's texts */
export function invalidValue(
  definition: Definition,
  column: string,
  row: Record<string, string | null>,
  cause: Error,
): TrifoldError {
  const key = definition.key.map(({ name }) => `${name} ${row[name]?.slice(0, 80)}`).join(', ')
  return new TrifoldError(
    'VALUE_INVALID',
    `definition: the column ${column} of the row with ${key} in ${definition.readModel}: ${cause.message}; ` +
      'correct the row, or cast the column in the definition',
    { cause, details: { readModel: definition.readModel, column, key } },
  )
}

/** The list of all columns, for a select or an insert. */
export const columnList = (definition: Definition): string =>
  definition.columns.map((column) => quoteIdent(column.name)).join(', ')

async function select(
  client: Pick<pg.ClientBase, 'query'>,
  source: RowSource,
  condition: string,
  values: unknown[],
  decode = decodeRow,
): Promise<Row[]> {
  const { rows } = await client.query(
    `select ${columnList(source.definition)}
    from ${fromSource(source)}
    where ${condition}`,
    values,
  )
  return rows.map((row) => decode(source.definition, row))
}

// `key = any(array)` is pushed into a grouped view; `in (select …)` and joins are not.
function keyCondition(key: readonly Column[], keys: readonly Value[][]): { condition: string; values: unknown[] } {
  const [first] = key as [Column]
  if (key.length === 1) {
    const list = arrayText(keys.map((values) => first.encoding.text(values[0] as Value)))
    return { condition: `${quoteIdent(first.name)} = any ($1::${first.encoding.pgType}[])`, values: [list] }
  }
  const values: string[] = []
  const same = (column: Column, value: Value) =>
    `${quoteIdent(column.name)} = $${values.push(column.encoding.text(value))}::${column.encoding.pgType}`
  const alternatives = keys.map(
    (one) => `(${key.map((column, place) => same(column, one[place] as Value)).join(' and ')})`,
  )
  return { condition: alternatives.join(' or '), values }
}
