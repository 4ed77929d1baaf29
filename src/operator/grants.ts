import type pg from 'pg'
import { inTransaction } from '../database.ts'
import { TrifoldError } from '../errors.ts'
import { facadeRelation, targetName } from '../facade.ts'
import { configuredTargets } from '../read-model/feed.ts'
import type { ReadModel } from '../read-model.ts'
import { qualified, quoteIdent } from '../sql.ts'
import type { Toolkit } from '../toolkit.ts'

/** What a role needs to read the names in SQL. */
export interface Grants {
  role: string
  /** In the order in which they are to run, without semicolons. */
  statements: string[]
  /** Names that the configuration has and the database has not yet: their targets were never built. */
  missing: string[]
  /** Whether the statements were run. */
  granted: boolean
}

/**
 * The grants with which a role reads the names of read models in SQL and nothing else: neither the tables of the
 * application nor those of Trifold, but `trifold.as_of`. The names keep them when a generation is replaced.
 *
 * @param readModels their names; none for all
 * @param run runs the statements, all or none
 * @throws READ_MODEL_UNKNOWN, ROLE_UNKNOWN; FACADE_TAKEN if a name is a relation of the application; PRIVILEGE_MISSING if the
 * toolkit's role may not grant
 */
export async function grantReader(
  toolkit: Toolkit,
  role: string,
  { readModels = [], run = false }: { readModels?: readonly string[]; run?: boolean } = {},
): Promise<Grants> {
  const { config, pool } = toolkit
  const wanted = readModels.length > 0 ? readModels : Object.keys(config.readModels)
  const names = wanted.flatMap((name) => namesOf(toolkit, name))
  await refuseUnknownRole(pool, role)
  const there = await existing(pool, config.schema, names)
  const statements = there.length > 0 ? statementsFor(config.schema, there, role) : []
  if (run) await runAll(pool, statements)
  return { role, statements, missing: names.filter((name) => !there.includes(name)), granted: run }
}

/** The names of a read model in SQL: its own, and one for each target that has rows there. */
function namesOf(toolkit: Toolkit, readModel: string): string[] {
  toolkit.readModel(readModel) // it throws for an unknown one
  const targets = configuredTargets(readModel, toolkit.config.readModels[readModel] as ReadModel)
  const inSql = targets.filter(({ materializer }) => materializer !== 'search')
  return inSql.length === 0 ? [] : [readModel, ...inSql.map(({ target }) => targetName(target))]
}

async function existing(pool: pg.Pool, schema: string, names: readonly string[]): Promise<string[]> {
  const relations = await Promise.all(names.map((name) => facadeRelation(pool, { schema, name })))
  return names.filter((_, place) => relations[place] !== undefined)
}

const statementsFor = (schema: string, names: readonly string[], role: string): string[] => [
  `grant usage on schema ${quoteIdent(schema)} to ${quoteIdent(role)}`,
  `grant usage on schema "trifold" to ${quoteIdent(role)}`, // for `trifold.as_of`: its tables stay closed
  `grant select on ${names.map((name) => qualified(schema, name)).join(', ')} to ${quoteIdent(role)}`,
]

async function refuseUnknownRole(pool: pg.Pool, role: string): Promise<void> {
  const { rows } = await pool.query('select from pg_roles where rolname = $1', [role])
  if (rows.length > 0) return
  throw new TrifoldError(
    'ROLE_UNKNOWN',
    `grant: PostgreSQL has no role ${quoteIdent(role)}; create it first: create role ${quoteIdent(role)} login`,
  )
}

async function runAll(pool: pg.Pool, statements: readonly string[]): Promise<void> {
  const client = await pool.connect()
  try {
    await inTransaction(client, async () => {
      for (const statement of statements) await client.query(statement)
    })
  } finally {
    client.release()
  }
}
