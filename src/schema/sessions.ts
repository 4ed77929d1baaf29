// Who keeps the sessions of Trifold waiting.
import type pg from 'pg'
import { utcText } from '../sql.ts'

type Client = Pick<pg.ClientBase, 'query'>

/** A session that something waits for. */
export interface Session {
  pid: number
  /** Its `application_name`, or what kind of process it is. */
  application: string
  /** What it runs, or ran last; null if the role may not see it. */
  query: string | null
  /** Since when its transaction has been open, ISO 8601 in UTC; null if the role may not see it. */
  since: string | null
}

/** Columns of a {@link Session}, of `pg_stat_activity as activity`. */
export const sessionColumns = `
    activity.pid,
    coalesce(nullif(activity.application_name, ''), activity.backend_type, 'unknown') as application,
    left(regexp_replace(activity.query, '\\s+', ' ', 'g'), 200) as query,
    ${utcText('activity.xact_start')} as since`

/** A session that is waited for may wait itself: so far the chain is followed. */
const longestChain = 5

const blockersStatement = `
  with recursive working as (
    select runs.target, activity.pid
    from trifold.runs
    join pg_stat_activity as activity on activity.pid = backend_pid and activity.backend_start = runs.backend_start
    union
    select generation.target, activity.pid
    from trifold.generations as generation
    join trifold.consumers on generation_id = generation.id
    join pg_stat_activity as activity on activity.pid = backend_pid and activity.backend_start = consumers.backend_start
    where generation.state = 'serving'
  ),
  blocked as (
    select target, blocker.pid, 1 as depth
    from working
    cross join lateral unnest(pg_blocking_pids(working.pid)) as blocker (pid)
    where target = any ($1::text[])
    union
    select blocked.target, blocker.pid, depth + 1
    from blocked
    cross join lateral unnest(pg_blocking_pids(blocked.pid)) as blocker (pid)
    where depth < ${longestChain}
  )
  select blocked.target, max(depth) as depth,${sessionColumns}
  from blocked
  join pg_stat_activity as activity on activity.pid = blocked.pid
  group by blocked.target, activity.pid, activity.application_name, activity.backend_type, activity.query, activity.xact_start
  order by blocked.target, depth, activity.pid`

/** For whom the sessions of each target wait: the nearest first, and the one that all wait for last. */
export async function blockersOf(client: Client, targets: readonly string[]): Promise<Map<string, Session[]>> {
  const { rows } = await client.query(blockersStatement, [targets])
  const blockers = new Map<string, Session[]>()
  for (const { target, depth: _depth, ...row } of rows)
    blockers.set(target, [...(blockers.get(target) ?? []), sessionOf(row)])
  return blockers
}

const oldestStatement = `
  select${sessionColumns}
  from pg_stat_activity as activity
  where datname = current_database()
    and backend_type = 'client backend'
    and xact_start < clock_timestamp() - interval '1 minute'
    and application_name not like 'trifold %'
  order by xact_start
  limit 1`

/** The oldest transaction of others that has been open for longer than a minute. */
export async function oldestTransaction(client: Client): Promise<Session | undefined> {
  const { rows } = await client.query(oldestStatement)
  return rows[0] && sessionOf(rows[0])
}

const sessionOf = (row: Record<string, string | null>): Session =>
  ({ ...row, pid: Number(row.pid) }) as unknown as Session
