import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { TrifoldError } from '../errors.ts'
import { qualified, sqlState } from '../sql.ts'
import {
  commentStatements,
  createFacade,
  type Facade,
  facadeStatement,
  readFacade,
  type StandingFacade,
} from './statements.ts'

/**
 * Waiting for the exclusive lock holds up every reader that comes after, so each wait is short, readers pass between
 * two attempts, and a reader that stays in its transaction for longer than `patience` wins.
 */
const lockTimeout = '500ms'
const pause = 150
const patience = 30_000

/** How a facade is pointed at a relation. */
export interface PointOptions {
  /** Milliseconds to wait for readers that hold the facade; default 30,000. */
  patience?: number
  /** Asked if the facade has to change: if it says no, the facade stays as it is. */
  onlyIf?: () => Promise<boolean>
  signal?: AbortSignal
}

/**
 * Points a facade at a relation, inside the caller's transaction. Readers see the relation before until the commit.
 * Dependents and grants are kept: columns that were added go to the end; only if one is gone or has another type is
 * the view dropped and made again, and only if nothing depends on it.
 *
 * @throws FACADE_TAKEN if a relation of that name is not a facade, FACADE_DEPENDED if a view depends on columns
 * that are gone, FACADE_BUSY if readers hold it for longer than `patience`
 */
export async function pointFacade(client: pg.ClientBase, facade: Facade, options: PointOptions = {}): Promise<void> {
  const standing = await readFacade(client, facade)
  if (standing && isPointed(standing, facade) && isCommented(standing, facade)) return
  if (options.onlyIf && !(await options.onlyIf())) return
  const deadline = performance.now() + (options.patience ?? patience)
  for (;;) {
    options.signal?.throwIfAborted()
    if (await attempt(client, facade)) return
    if (performance.now() >= deadline) throw busy(facade)
    await delay(pause, undefined, { signal: options.signal })
  }
}

/** Refuses early what {@link pointFacade} would refuse after a long build. @throws FACADE_TAKEN */
export async function checkFacadeIsFree(
  client: pg.ClientBase | pg.Pool,
  facade: Pick<Facade, 'schema' | 'name'>,
): Promise<void> {
  await readFacade(client, facade)
}

/** The relation that a facade shows now; undefined if there is none. @throws FACADE_TAKEN */
export async function facadeRelation(
  client: pg.ClientBase | pg.Pool,
  facade: Pick<Facade, 'schema' | 'name'>,
): Promise<string | undefined> {
  return (await readFacade(client, facade))?.relation
}

function isPointed(standing: StandingFacade, facade: Facade): boolean {
  if (standing.relation !== facade.relation || standing.columns.length !== facade.columns.length) return false
  return facade.columns.every((column) => standing.columns.includes(column))
}

function isCommented(standing: StandingFacade, { comment = standing.comment, comments = new Map() }: Facade): boolean {
  return standing.comment === comment && [...comments].every(([name, text]) => standing.comments.get(name) === text)
}

/** One try for the lock; false if readers hold it. */
async function attempt(client: pg.ClientBase, facade: Facade): Promise<boolean> {
  await client.query('savepoint trifold_facade')
  try {
    const { rows } = await client.query(`select current_setting('lock_timeout') as before`)
    await client.query(`set local lock_timeout = '${lockTimeout}'`)
    await client.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
      `trifold facade ${qualified(facade.schema, facade.name)}`,
    ])
    await replace(client, facade)
    await client.query(`select set_config('lock_timeout', $1, true)`, [rows[0].before])
    await client.query('release savepoint trifold_facade')
    return true
  } catch (error) {
    await client.query('rollback to savepoint trifold_facade')
    if (sqlState(error) === '55P03') return false
    throw error
  }
}

async function replace(client: pg.ClientBase, facade: Facade): Promise<void> {
  const standing = await readFacade(client, facade)
  if (!standing) return createFacade(client, facade)
  if (isPointed(standing, facade)) {
    await client.query(commentStatements(facade, standing))
    return
  }
  const keepsAll = standing.columns.every((column) => facade.columns.includes(column))
  if (keepsAll && (await replaceInPlace(client, facade, standing))) return
  await recreate(client, facade, standing)
}

/** False if a column has another type now (PostgreSQL: invalid_table_definition). */
async function replaceInPlace(client: pg.ClientBase, facade: Facade, standing: StandingFacade): Promise<boolean> {
  const added = facade.columns.filter((column) => !standing.columns.includes(column))
  await client.query('savepoint trifold_replace')
  try {
    await client.query(facadeStatement({ ...facade, columns: [...standing.columns, ...added] }, standing))
    await client.query('release savepoint trifold_replace')
    return true
  } catch (error) {
    await client.query('rollback to savepoint trifold_replace')
    if (sqlState(error) === '42P16') return false
    throw error
  }
}

async function recreate(client: pg.ClientBase, facade: Facade, standing: StandingFacade): Promise<void> {
  try {
    await client.query(`drop view ${qualified(facade.schema, facade.name)}`)
  } catch (error) {
    if (sqlState(error) === '2BP01') throw depended(facade, error as pg.DatabaseError)
    throw error
  }
  await createFacade(client, facade, standing)
}

function depended(facade: Facade, cause: pg.DatabaseError): TrifoldError {
  return new TrifoldError(
    'FACADE_DEPENDED',
    `facade: ${facade.schema}.${facade.name} must be created again because a column is gone or has another type, but ${cause.detail}; ` +
      'drop those first and create them again afterwards, or keep the column in the definition',
    { cause, details: { dependents: cause.detail } },
  )
}

function busy(facade: Facade): TrifoldError {
  return new TrifoldError(
    'FACADE_BUSY',
    `facade: ${facade.schema}.${facade.name} could not be pointed at ${facade.relation} because open transactions read it; ` +
      'end them (pg_stat_activity, state "idle in transaction") and run it again',
  )
}
