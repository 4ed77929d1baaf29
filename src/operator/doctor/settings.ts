import type pg from 'pg'
import { type Checks, ok, problem, warning } from './finding.ts'

export interface SettingFacts {
  settings: Record<string, string>
  connectionsFree: number
  maxConnections: number
  /** How many views the configuration has. */
  views: number
}

/**
 * What a worker opens at most: its pool, the feed, the sessions that all targets fed by events share, and room for a
 * rebuild; for views one for each refresh that runs, the queue and what watches the schedule.
 */
const connectionsOf = (views: number): number => 12 + (views > 0 ? views + 9 : 0)

const names = [
  'autovacuum',
  'default_transaction_isolation',
  'default_transaction_read_only',
  'fsync',
  'full_page_writes',
  'idle_session_timeout',
  'server_encoding',
  'statement_timeout',
  'synchronous_commit',
  'transaction_timeout',
]

/** As a session of this role has them: settings of the role and of the database count. */
export async function readSettingFacts(client: pg.ClientBase, views: number): Promise<SettingFacts> {
  const { rows } = await client.query('select name, setting from pg_settings where name = any ($1)', [
    `{${names.join(',')}}`,
  ])
  const connections = await client.query(
    `select
      current_setting('max_connections') as most,
      current_setting('max_connections')::integer
        - current_setting('superuser_reserved_connections')::integer
        - coalesce(current_setting('reserved_connections', true), '0')::integer
        - (select count(*) from pg_stat_activity where backend_type = 'client backend') as free`,
  )
  return {
    settings: Object.fromEntries(rows.map(({ name, setting }) => [name, setting])),
    connectionsFree: Number(connections.rows[0].free),
    maxConnections: Number(connections.rows[0].most),
    views,
  }
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '0'

export const settingChecks: Checks<SettingFacts> = {
  connections: ({ connectionsFree, maxConnections, views }) => {
    const ofWorker = connectionsOf(views)
    return connectionsFree >= ofWorker
      ? ok(`${connectionsFree} of ${maxConnections} connections are free (a worker takes up to ${ofWorker})`)
      : warning(
          `${connectionsFree} of ${maxConnections} connections are free, and a worker takes up to ${ofWorker}`,
          'raise max_connections, or end idle sessions',
        )
  },
  encoding: ({ settings }) =>
    settings.server_encoding === 'UTF8'
      ? undefined
      : warning(
          `the database is encoded in ${settings.server_encoding}: text is compared by its UTF-8 bytes elsewhere`,
          'use a database with the encoding UTF8',
        ),
  durability: ({ settings }) =>
    settings.fsync === 'on' && settings.full_page_writes === 'on'
      ? undefined
      : problem(
          'fsync or full_page_writes is off: a crash can damage the write model, and no rebuild brings that back',
          'set both to on and restart PostgreSQL',
        ),
  synchronousCommit: ({ settings }) =>
    settings.synchronous_commit === 'off'
      ? warning(
          'synchronous_commit is off: a crash can lose commits that an index has shown already, which begins a new era',
          'set synchronous_commit to on for this role and the application',
        )
      : ok(`commits are durable (synchronous_commit is ${settings.synchronous_commit})`),
  timeouts: ({ settings }) => {
    const set = ['statement_timeout', 'transaction_timeout', 'idle_session_timeout'].filter((name) =>
      isSet(settings[name]),
    )
    if (set.length === 0) return ok('no timeout of the role ends rebuilds or idle connections')
    return warning(
      `${set.map((name) => `${name} is ${settings[name]} ms`).join(', ')} for this role: long rebuilds and waiting consumers are ended`,
      'set it to 0 for the role of the workers; Trifold sets its own limits',
    )
  },
  transactions: ({ settings }) => {
    if (settings.default_transaction_read_only === 'on')
      return problem('default_transaction_read_only is on for this role', 'set it to off for the role of the workers')
    if (settings.default_transaction_isolation === 'read committed') return undefined
    return warning(
      `default_transaction_isolation is ${settings.default_transaction_isolation} for this role: ticks and takeovers need to see each other's commits`,
      'set it to "read committed" for the role of the workers',
    )
  },
  autovacuum: ({ settings }) =>
    settings.autovacuum === 'on'
      ? undefined
      : warning('autovacuum is off: cursors and tables that change often grow without end', 'set autovacuum to on'),
}
