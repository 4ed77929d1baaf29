import pg from 'pg'
import { TrifoldError } from './errors.ts'
import { leaseMilliseconds } from './lease-time.ts'
import { type Installed, installed } from './schema/installed.ts'
import { shownUrl } from './shown-url.ts'

/** The oldest PostgreSQL that is supported (pg_snapshot and xid8 came with 13; 14 is the oldest still maintained). */
export const oldestServerVersion = 140000

/** No value is decoded: each arrives as PostgreSQL writes it. */
export const rawText: pg.CustomTypesConfig = {
  getTypeParser: () => (text: string) => text,
} as unknown as pg.CustomTypesConfig

/**
 * Settings of every session that Trifold uses. The canonical encoding of values rests on the first four. Without row
 * security PostgreSQL refuses a statement that a policy would filter, instead of giving a part of the rows. A process that
 * is frozen inside a transaction gives its locks back within half a lease.
 */
export const sessionSettings = {
  timezone: 'UTC',
  datestyle: 'ISO',
  intervalstyle: 'iso_8601',
  extra_float_digits: '1',
  row_security: 'off',
  idle_in_transaction_session_timeout: String(leaseMilliseconds / 2),
}

interface SessionOptions {
  /** Shown as the session's application name. */
  name: string
  /** Settings of the session. */
  settings?: Record<string, string>
}

/**
 * How a session begins. The driver lets what the address says of a session replace what is said here, so it is taken out
 * of the address: its `options` come first, as a search_path may be among them, and ours after them, since the last one
 * of a setting counts.
 */
export function sessionStart(databaseUrl: string, { name, settings = {} }: SessionOptions): pg.ClientConfig {
  const { address, options } = withoutOptions(databaseUrl)
  const ours = Object.entries({ ...sessionSettings, ...settings }).map(([setting, value]) => `-c ${setting}=${value}`)
  return {
    connectionString: address,
    application_name: `trifold ${name}`,
    options: [options ?? process.env.PGOPTIONS ?? '', ...ours].join(' ').trim(),
    types: rawText,
    connectionTimeoutMillis: 10_000,
  }
}

const sessionParameters = [
  'options',
  'application_name',
  'fallback_application_name',
  'statement_timeout',
  'lock_timeout',
]

function withoutOptions(databaseUrl: string): { address: string; options: string | undefined } {
  if (!URL.canParse(databaseUrl)) return { address: databaseUrl, options: undefined }
  const url = new URL(databaseUrl)
  const options = url.searchParams.get('options') ?? undefined
  if (!sessionParameters.some((name) => url.searchParams.has(name))) return { address: databaseUrl, options }
  for (const name of sessionParameters) url.searchParams.delete(name)
  return { address: url.toString(), options }
}

/** A pool whose sessions are set up for the canonical encoding, with no type parsers: every value arrives as text. */
export function openPool(databaseUrl: string, options: SessionOptions & { max?: number }): pg.Pool {
  const pool = new pg.Pool({
    ...sessionStart(databaseUrl, options),
    max: options.max ?? 10,
  })
  pool.on('error', () => {}) // an idle connection that breaks is replaced at the next use
  pool.on('connect', (client) => client.on('error', () => {})) // one in use: the next statement reports it
  return pool
}

/** A single connection with the same set-up as {@link openPool}. */
export async function openClient(databaseUrl: string, options: SessionOptions): Promise<pg.Client> {
  const client = new pg.Client({
    ...sessionStart(databaseUrl, options),
    keepAlive: true,
  })
  client.on('error', () => {}) // the statement that is running reports it
  oneAtATime(client)
  await client.connect().catch((cause) => {
    throw unreachable(databaseUrl, cause)
  })
  return client
}

/**
 * Several parts of a process share a connection (a consumer renews its lease on the one that applies, readers share the
 * feed's): a statement waits here for the one before. The driver's own queue will go.
 */
function oneAtATime(client: pg.Client): void {
  const query = client.query.bind(client) as (...statement: unknown[]) => Promise<unknown>
  let last: Promise<unknown> = Promise.resolve()
  client.query = ((...statement: unknown[]) => {
    const result = last.then(() => query(...statement))
    last = result.catch(() => {})
    return result
  }) as typeof client.query
}

/** A connection that several parts use in turn: one of them may have it alone for longer than a statement. */
export interface Reservable {
  /** Waits until nobody uses it. @returns gives it back */
  reserve(): Promise<() => void>
}

/** Runs `work` in one transaction; rolls back if it throws. */
export async function inTransaction<T>(
  client: pg.ClientBase & Partial<Reservable>,
  work: () => Promise<T>,
  mode: 'read committed' | 'repeatable read' | 'repeatable read read only' = 'read committed',
): Promise<T> {
  const giveBack = await client.reserve?.()
  try {
    await client.query(`begin isolation level ${mode.replace(' read only', ', read only')}`)
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {}) // a broken connection has rolled back already
    throw error
  } finally {
    giveBack?.()
  }
}

/**
 * Checks that the server answers, is new enough, is the primary and has the toolkit's schema.
 *
 * @throws DATABASE_UNREACHABLE, DATABASE_TOO_OLD, DATABASE_STANDBY, DATABASE_NOT_MIGRATED (not with `migrated: false`)
 */
export async function checkDatabase(databaseUrl: string, options: { migrated?: boolean } = {}): Promise<void> {
  const client = await openClient(databaseUrl, { name: 'check' })
  try {
    await checkServer(client, databaseUrl, options)
  } finally {
    await client.end()
  }
}

/** The same of a server that is connected already. @param databaseUrl for the messages */
export async function checkServer(
  client: Pick<pg.ClientBase | pg.Pool, 'query'>,
  databaseUrl: string,
  options: { migrated?: boolean } = {},
): Promise<void> {
  const { rows } = await client.query(
    `select
      current_setting('server_version_num') as version,
      current_setting('server_version') as shown,
      pg_is_in_recovery()::text as standby,
      ${installed} as installed`,
  )
  const { version, shown, standby, installed: found } = rows[0] as Record<string, string>
  refuseServer(databaseUrl, {
    version: Number(version),
    shown: shown as string,
    standby: standby === 'true',
    installed: options.migrated === false ? 'current' : (found as Installed),
  })
}

/** What {@link checkDatabase} judges. */
export interface ServerFacts {
  /** `server_version_num`: 180004. */
  version: number
  /** `server_version`: 18.4. */
  shown: string
  standby: boolean
  installed: Installed
}

/** @throws DATABASE_TOO_OLD, DATABASE_STANDBY, DATABASE_NOT_MIGRATED, in this order */
export function refuseServer(databaseUrl: string, server: ServerFacts): void {
  if (server.version < oldestServerVersion) throw tooOld(databaseUrl, server.shown)
  if (server.standby) throw standby(databaseUrl)
  if (server.installed !== 'current') throw notMigrated(databaseUrl, server.installed)
}

function unreachable(url: string, cause: unknown): TrifoldError {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
  if (reason.includes('unsupported startup parameter')) return pooled(url, reason, cause)
  const full = (cause as { code?: string }).code === '53300'
  const next = full
    ? 'raise max_connections or the connection limit of the role, or end idle sessions'
    : 'check DATABASE_URL, or start the embedded stack with `trifold stack up`'
  return new TrifoldError('DATABASE_UNREACHABLE', `database: ${shownUrl(url)} does not answer (${reason}); ${next}`, {
    cause,
  })
}

const pooled = (url: string, reason: string, cause: unknown) =>
  new TrifoldError(
    'DATABASE_POOLED',
    `database: a transaction pooler answers at ${shownUrl(url)} (${reason}); point DATABASE_URL at PostgreSQL itself, or at a pool of sessions`,
    { cause },
  )

const tooOld = (url: string, version: string) =>
  new TrifoldError(
    'DATABASE_TOO_OLD',
    `database: ${shownUrl(url)} runs PostgreSQL ${version}; Trifold needs 14 or newer`,
  )

const standby = (url: string) =>
  new TrifoldError('DATABASE_STANDBY', `database: ${shownUrl(url)} is a standby; point DATABASE_URL at the primary`)

function notMigrated(url: string, found: Installed): TrifoldError {
  const what = found === 'missing' ? 'lacks the schema "trifold"' : 'has the schema "trifold" of an older version'
  return new TrifoldError('DATABASE_NOT_MIGRATED', `database: ${shownUrl(url)} ${what}; run \`trifold migrate\``)
}
