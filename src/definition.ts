import type pg from 'pg'
import { inTransaction } from './database.ts'
import { encodingsOf } from './definition/column-encodings.ts'
import { type DefinitionFile, definitionName, definitionVersions, readDefinition } from './definition/files.ts'
import { neverNullColumns } from './definition/never-null.ts'
import { sourceComments } from './definition/source-comments.ts'
import type { Encoding } from './encoding.ts'
import { TrifoldError } from './errors.ts'
import type { ReadModel } from './read-model.ts'
import { quoteIdent, sqlState } from './sql.ts'

/** One column of a read model, as PostgreSQL describes it. */
export interface Column {
  name: string
  encoding: Encoding
  /** Whether the configuration promises that it is never null (the key always is). */
  notNull: boolean
  /** Whether PostgreSQL knows it from the tables: row types and handlers are held to it, what is stored is not. */
  neverNull?: boolean
  /** What it means, by the configuration, or by the comment of the table's column that it is. */
  description?: string | undefined
}

/** What a read model is: the SELECT of its newest definition file and the columns that PostgreSQL finds in it. */
export interface Definition {
  readModel: string
  version: number
  file: string
  /** The SELECT, without a closing semicolon. */
  sql: string
  /** SHA-256 of the SELECT. */
  hash: string
  columns: Column[]
  /** The key columns, in the order of the configuration. */
  key: Column[]
  /** The time zone whose days requests may name: `UTC`, `Europe/Vienna`. */
  timeZone: string
  /** What a row is. */
  description?: string | undefined
}

/** What the configuration says of a definition. */
export type Described = Pick<ReadModel, 'key' | 'notNull' | 'timeZone' | 'description' | 'descriptions'>

/** Reads the newest `<name>_vNN.sql` of the folder. @throws DEFINITION_NOT_FOUND */
export async function readDefinitionFile(folder: string, readModel: string): Promise<DefinitionFile> {
  const [newest] = await definitionVersions(folder, readModel)
  if (newest) return readDefinition(newest)
  throw new TrifoldError(
    'DEFINITION_NOT_FOUND',
    `definition: ${readModel} has no file ${definitionName(readModel, 1)} in ${folder}; write its SELECT there`,
  )
}

/**
 * Reads the definition of a read model and has PostgreSQL describe it: nothing is created, no row is read.
 *
 * @throws DEFINITION_NOT_FOUND, DEFINITION_INVALID (with PostgreSQL's message), KEY_INVALID if a key or NOT NULL
 * column is missing
 */
export async function describeDefinition(
  client: pg.ClientBase,
  folder: string,
  name: string,
  model: Described,
): Promise<Definition> {
  return describeSource(client, await readDefinitionFile(folder, name), name, model)
}

/** The same of one version. @throws DEFINITION_INVALID, KEY_INVALID */
export async function describeSource(
  client: pg.ClientBase,
  source: DefinitionFile,
  name: string,
  model: Described,
): Promise<Definition> {
  const { fields, neverNull, comments } = await describeSelect(client, source.file, source.sql)
  const promised = new Set<string>([...model.key, ...(model.notNull ?? [])])
  const encodings = await encodingsOf(client, source.file, fields)
  const columns = fields.map(({ name: column }, place) => ({
    name: column,
    encoding: encodings[place] as Encoding,
    notNull: promised.has(column),
    neverNull: neverNull.has(column),
    description: model.descriptions?.[column] ?? comments[place],
  }))
  checkNames(source.file, columns, promised)
  checkDescriptions(name, columns, model)
  const key = model.key.map((column) => columns.find((one) => one.name === column) as Column)
  checkKeyTypes(source.file, key)
  return { readModel: name, ...source, columns, key, timeZone: model.timeZone ?? 'UTC', description: model.description }
}

/** Opening a configuration does not wait for a migration of the application: so long, unless the session has a limit already. */
const lockTimeout = '5s'

/** What to do about PostgreSQL's refusals, by SQLSTATE; otherwise the SELECT is wrong. */
const advice: Record<string, string> = {
  '42P01': 'correct the SELECT, or run the migrations of the application first',
  '55P03': 'a table that it reads is locked (ALTER TABLE, TRUNCATE): end that transaction and run it again',
  '42501':
    'let the role of the worker read every row: grant select, and with row level security BYPASSRLS or the ownership',
}

async function describeSelect(
  client: pg.ClientBase,
  file: string,
  sql: string,
): Promise<{ fields: pg.FieldDef[]; neverNull: ReadonlySet<string>; comments: (string | undefined)[] }> {
  try {
    return await inTransaction(client, async () => {
      await client.query(
        `select set_config('lock_timeout', '${lockTimeout}', true) where current_setting('lock_timeout') = '0'`,
      )
      const { fields } = await client.query(`select * from (\n${sql}\n) as definition limit 0`)
      const neverNull = await neverNullColumns(client, sql, fields)
      return { fields, neverNull, comments: await sourceComments(client, fields) }
    })
  } catch (cause) {
    throw new TrifoldError(
      'DEFINITION_INVALID',
      `definition: ${file} does not compile: ${(cause as Error).message}; ${advice[sqlState(cause) ?? ''] ?? 'correct the SELECT'}`,
      { cause },
    )
  }
}

function checkNames(file: string, columns: Column[], promised: Set<string>): void {
  const names = columns.map((column) => column.name)
  const twice = names.find((name, place) => names.indexOf(name) !== place)
  if (twice)
    throw new TrifoldError('DEFINITION_INVALID', `definition: ${file} has two columns named ${twice}; rename one`)
  const reserved = names.find((name) => name.startsWith('_'))
  if (reserved) {
    throw new TrifoldError('DEFINITION_INVALID', `definition: column ${reserved} of ${file} begins with "_"; rename it`)
  }
  const inherited = names.find((name) => name in Object.prototype)
  if (inherited) {
    throw new TrifoldError(
      'DEFINITION_INVALID',
      `definition: column ${inherited} of ${file} has the name of a property of every JavaScript object; rename it`,
    )
  }
  const missing = [...promised].find((name) => !names.includes(name))
  if (missing) {
    throw new TrifoldError(
      'KEY_INVALID',
      `definition: ${file} has no column ${missing}, which \`key\` or \`notNull\` names (columns: ${names.join(', ')})`,
    )
  }
}

function checkDescriptions(readModel: string, columns: readonly Column[], { descriptions = {} }: Described): void {
  const names = columns.map((column) => column.name)
  const other = Object.keys(descriptions).find((name) => !names.includes(name))
  if (other === undefined) return
  throw new TrifoldError(
    'CONFIG_INVALID',
    `config: \`descriptions\` of ${readModel} names ${other}, which is not a column; its columns are ${names.join(', ')}`,
  )
}

/** Arrays and documents have equal values of several forms, and no list of them can be asked for. */
function checkKeyTypes(file: string, key: readonly Column[]): void {
  const unfit = key.find(({ encoding: { pgType } }) => pgType === 'jsonb' || pgType.endsWith('[]'))
  if (!unfit) return
  throw new TrifoldError(
    'KEY_INVALID',
    `definition: the key column ${unfit.name} of ${file} is ${unfit.encoding.pgType}, which cannot be a key; ` +
      `use a column of another type, such as md5(${unfit.name}::text)`,
  )
}

/**
 * Evaluates the definition, or some of its rows, and refuses a key that is null or not unique. It reads them once.
 *
 * @throws KEY_INVALID with one offending key
 */
export async function checkKey(
  client: pg.ClientBase,
  definition: Definition,
  { condition, values }: { condition: string; values: readonly string[] } = { condition: 'true', values: [] },
): Promise<void> {
  const names = definition.key.map((column) => quoteIdent(column.name))
  const { rows } = await client.query(
    `select ${names.map((name) => `${name}::text`).join(', ')}, count(*)::text as occurrences
    from ${definitionSource(definition)} as definition
    where ${condition}
    group by ${names.join(', ')}
    having count(*) > 1 or ${names.map((name) => `${name} is null`).join(' or ')}
    limit 1`,
    [...values],
  )
  const offender = rows[0] as Record<string, string | null> | undefined
  if (!offender) return
  const shown = definition.key.map((column) => `${column.name} = ${offender[column.name] ?? 'null'}`).join(', ')
  const isNull = definition.key.some((column) => offender[column.name] === null)
  throw new TrifoldError(
    'KEY_INVALID',
    `definition: the key of ${definition.file} is ${isNull ? 'null' : `not unique (${offender.occurrences} rows)`} at ${shown}; ` +
      'choose key columns that identify a row, or correct the SELECT',
    { details: { key: offender } },
  )
}

/** The SELECT in parentheses, each column in the type in which targets store it: what follows `from`, before its alias. */
export function definitionSource({ columns, sql }: Pick<Definition, 'columns' | 'sql'>): string {
  if (!columns.some(({ encoding }) => encoding.isCast)) return `(\n${sql}\n)`
  const list = columns.map(({ name, encoding }) =>
    encoding.isCast ? `${quoteIdent(name)}::${encoding.pgType} as ${quoteIdent(name)}` : quoteIdent(name),
  )
  return `(select ${list.join(', ')} from (\n${sql}\n) as uncast)`
}

/** The columns in the form in which a generation stores them. */
export const storedColumns = (definition: Definition): { name: string; type: string; notNull: boolean }[] =>
  definition.columns.map((column) => ({ name: column.name, type: column.encoding.pgType, notNull: column.notNull }))
