import type pg from 'pg'
import { TrifoldError } from '../errors.ts'
import type { CatalogFunction, CatalogRelation, Resolution, ResolvedRelation } from '../schema/generations.ts'
import { historyRelation } from '../schema/history.ts'
import { readFunctions, readRelations } from './catalog.ts'
import { planDependentColumns } from './plan-dependent.ts'
import { type CalledFunction, type Rules, readRules } from './rules.ts'

/** A definition as PostgreSQL understands it now. */
export interface Resolved {
  resolution: Resolution
  /** What makes its rows depend on more than its tables: `now()`, `current_user`, `random()`. */
  unstable: string[]
}

const probe = 'trifold_resolution'

const catalogStatement = `
  select concat_ws('/', oid, ${historyRelation}::oid) as catalog
  from pg_database
  where datname = current_database()`

async function catalogOf(client: Pick<pg.ClientBase, 'query'>): Promise<string> {
  const { rows } = await client.query(catalogStatement)
  return rows[0].catalog
}

/**
 * Has PostgreSQL parse a definition and reads what its names mean. It creates a temporary view and rolls it back: the
 * session must not be inside a transaction, and needs the privilege TEMPORARY on the database.
 *
 * @param sql a SELECT that compiles
 */
export async function resolveDefinition(client: pg.ClientBase, sql: string): Promise<Resolved> {
  await client.query('begin')
  try {
    await client.query(`create temporary view ${probe} as\n${sql}`)
    const rules = await readRules(client, `pg_temp.${probe}`)
    const relations = await readRelations(client, [...rules.columns.keys()])
    const calls = rules.functions.filter(isUnstable).map(({ name }) => `${name}()`)
    const own = rules.functions.filter((called) => called.own).map(({ oid }) => oid)
    return {
      resolution: {
        catalog: await catalogOf(client),
        relations: relations.map((relation) => resolved(relation, rules, sql)),
        functions: await readFunctions(client, own),
        planDependent: await planDependentColumns(client, rules.trees),
      },
      unstable: [...new Set([...calls, ...rules.values, ...clockWords(sql)])],
    }
  } finally {
    await client.query('rollback')
  }
}

function resolved({ visible, ...relation }: CatalogRelation, rules: Rules, sql: string): ResolvedRelation {
  const numbers = rules.columns.get(relation.oid) ?? new Set()
  const wholeRow = rules.readsWholeRows
  const direct = rules.direct.has(relation.oid)
  return {
    ...relation,
    columns: relation.columns.filter(({ number }) => wholeRow || numbers.has(number)),
    direct,
    bySearchPath: visible && direct && !namesWithSchema(sql, relation.name),
    wholeRow,
  }
}

/** A name that the text has with its schema is not looked up along `search_path`. */
function namesWithSchema(sql: string, name: string): boolean {
  const bare = name.replaceAll('"', '')
  return sql.replaceAll('"', '').toLowerCase().includes(bare.toLowerCase())
}

/** Stable functions of PostgreSQL that read the clock, the session or the catalog, and not only their arguments. */
const readsMore =
  /^(now|(transaction|statement)_timestamp|current_(user|schemas?|database|setting|query|role)|session_user|version|age|pg_|txid_|has_|inet_|to_reg|row_security_active)/

/** Waiting changes no row. */
const onlyWaits = /^pg_sleep/

/** `age` with one argument counts from today; with two it is immutable and is not among the called ones here. */
const isUnstable = ({ own, volatility, name }: CalledFunction): boolean =>
  (volatility === 'v' && !onlyWaits.test(name)) ||
  (volatility === 's' && !own && readsMore.test(name) && !onlyWaits.test(name))

/** `'today'::date` is read when the statement is parsed, and leaves no function behind. */
const clockWord =
  /'(now|today|tomorrow|yesterday)'(?=\s*::)|(?<=\b(?:date|time|timestamp|timestamptz)\s+)'(now|today|tomorrow|yesterday)'/gi

const clockWords = (sql: string): string[] => [...sql.matchAll(clockWord)].map(([word]) => word)

/**
 * What makes rows depend on more than tables has no place in a target that events keep: no event comes when the clock
 * moves on, so its rows would stay as they were. A view is as of its last refresh.
 *
 * @throws DEFINITION_INVALID with the functions
 */
export function refuseUnstable({ target, file }: { target: string; file: string }, unstable: readonly string[]): void {
  if (unstable.length === 0) return
  throw new TrifoldError(
    'DEFINITION_INVALID',
    `definition: ${target} is fed by events, but ${file} reads ${unstable.join(', ')}: no event comes when that changes, so ` +
      'its rows would stay as they were. Use a column in its place and compare it in the query, or keep this read model in a ' +
      'view with a schedule; a function of your own that reads its arguments and tables alone is declared stable or immutable',
  )
}

/**
 * What has changed since a definition was resolved: a sentence for each change, none if all is as it was. In a database
 * that was copied or restored nothing can be said: there the era tells what is to be rebuilt (`era.ts`).
 *
 * @param client a session with the `search_path` of the worker; values as text
 */
export async function resolutionChanges(
  client: Pick<pg.ClientBase, 'query'>,
  { catalog, relations, functions }: Resolution,
): Promise<string[]> {
  if ((await catalogOf(client)) !== catalog) return []
  const nowRelations = await readRelations(
    client,
    relations.map(({ oid }) => oid),
  )
  const nowFunctions = await readFunctions(
    client,
    functions.map(({ oid }) => oid),
  )
  return [
    ...relations.flatMap((before) =>
      relationChanges(
        before,
        nowRelations.find(({ oid }) => oid === before.oid),
      ),
    ),
    ...functions.flatMap((before) =>
      functionChanges(
        before,
        nowFunctions.find(({ oid }) => oid === before.oid),
      ),
    ),
  ]
}

function relationChanges(before: ResolvedRelation, now: CatalogRelation | undefined): string[] {
  if (!now) return [`${before.name} was dropped (and another may have its name)`]
  if (now.name !== before.name) return [`${before.name} was renamed to ${now.name}`]
  if (before.bySearchPath && !now.visible) return [`search_path no longer finds ${before.name} by its bare name`]
  if (now.text !== undefined && now.text !== before.text) return [`the view ${before.name} was replaced`]
  const added = now.columns.find(({ number }) => !before.columns.some((column) => column.number === number))
  if (before.wholeRow && added) return [`the column ${before.name}.${added.name} was added`]
  return before.columns.flatMap((column) => {
    const found = now.columns.find(({ number }) => number === column.number)
    const shown = `${before.name}.${column.name}`
    if (!found) return [`the column ${shown} was dropped`]
    if (found.name !== column.name) return [`the column ${shown} was renamed to ${found.name}`]
    return found.type === column.type ? [] : [`the column ${shown} was ${column.type} and is ${found.type}`]
  })
}

function functionChanges(before: CatalogFunction, now: CatalogFunction | undefined): string[] {
  if (!now) return [`the function ${before.name} was dropped`]
  if (now.name !== before.name) return [`the function ${before.name} was renamed to ${now.name}`]
  return now.text === before.text ? [] : [`the function ${before.name} was replaced`]
}
