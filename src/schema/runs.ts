// The table `trifold.runs`: the refreshes and rebuilds of views that are under way.
import { hostname } from 'node:os'
import type pg from 'pg'
import { utcText } from '../sql.ts'

type Client = Pick<pg.ClientBase, 'query'>

/** A refresh, or a rebuild, that begins on a session. */
export interface BegunRun {
  target: string
  cause: 'rebuild' | 'schedule' | 'manual'
  attempt: number
}

/** A refresh or rebuild that is under way. Times are ISO 8601 in UTC. */
export interface RunUnderWay extends BegunRun {
  /** The process of PostgreSQL that works on it. */
  pid: number
  /** Host and process. */
  worker: string
  startedAt: string
  phase: 'waiting for a lock' | 'starting' | 'building' | 'comparing' | 'writing'
}

/** Whether `activity` is the session of a run. A role that may not look into the sessions of others sees no more than their pids. */
const isOpen = `activity.pid = backend_pid and coalesce(activity.backend_start, runs.backend_start) = runs.backend_start`

/** Notes the session of `client` as working on a target, and forgets those that broke. */
export async function beginRunning(client: Client, { target, cause, attempt }: BegunRun): Promise<void> {
  await client.query(
    `with broken as (
      delete from trifold.runs
      where target = $1
        and not exists (select from pg_stat_activity as activity where ${isOpen})
    )
    insert into trifold.runs (backend_pid, backend_start, target, cause, attempt, worker)
    select pid, backend_start, $1, $2, $3, $4
    from pg_stat_activity
    where pid = pg_backend_pid()`,
    [target, cause, attempt, `${hostname()}:${process.pid}`],
  )
}

/** Forgets the session of `client`. */
export async function endRunning(client: Client): Promise<void> {
  await client.query('delete from trifold.runs where backend_pid = pg_backend_pid()')
}

/**
 * What the locks of its session on the view tell. A refresh beside the readers builds the new rows without a look at the view,
 * reads it to compare them, and writes what differs; one that replaces all rows keeps everybody out meanwhile.
 */
const phase = `
    case
      when activity.wait_event_type = 'Lock' then 'waiting for a lock'
      when runs.cause = 'rebuild' or held.replaces then 'building'
      when held.writes then 'writing'
      when held.reads then 'comparing'
      when held.compares then 'building'
      else 'starting'
    end`

const statement = `
  select
    runs.target,
    runs.cause,
    runs.attempt,
    runs.worker,
    runs.backend_pid as pid,
    ${utcText('runs.started_at')} as started_at,
    ${phase} as phase
  from trifold.runs
  join pg_stat_activity as activity on ${isOpen}
  left join trifold.generations as generation on generation.target = runs.target and generation.state = 'serving'
  cross join lateral (
    select
      bool_or(mode = 'RowExclusiveLock') as writes,
      bool_or(mode = 'AccessShareLock') as reads,
      bool_or(mode = 'ExclusiveLock') as compares,
      bool_or(mode = 'AccessExclusiveLock') as replaces
    from pg_locks
    where locktype = 'relation'
      and granted
      and pid = backend_pid
      and relation = to_regclass('trifold.' || quote_ident(generation.storage))
  ) as held
  where runs.target = any ($1::text[])
  order by runs.started_at`

/** The refreshes and rebuilds of views that are under way. */
export async function runsUnderWay(client: Client, targets: readonly string[]): Promise<RunUnderWay[]> {
  const { rows } = await client.query(statement, [targets])
  return rows.map(({ started_at: startedAt, pid, attempt, ...row }) => ({
    ...row,
    pid: Number(pid),
    attempt: Number(attempt),
    startedAt,
  }))
}

/** Cancels what the session of a run does. @returns whether the run was still under way */
export async function cancelRun(
  client: Client,
  { pid, startedAt }: Pick<RunUnderWay, 'pid' | 'startedAt'>,
): Promise<boolean> {
  const { rows } = await client.query(
    `select pg_cancel_backend(activity.pid)
    from trifold.runs
    join pg_stat_activity as activity on ${isOpen}
    where backend_pid = $1
      and ${utcText('started_at')} = $2`,
    [pid, startedAt],
  )
  return rows.length > 0
}
