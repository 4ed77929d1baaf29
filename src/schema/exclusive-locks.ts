import type pg from 'pg'
import { type Session, sessionColumns } from './sessions.ts'

/**
 * A session that keeps every other one from a relation, or from writing one of the schema `trifold`, or waits for that and lets
 * nobody else pass.
 */
export interface ExclusiveLock extends Session {
  oid: string
  /** As PostgreSQL writes its name. */
  relation: string
}

const statement = `
  select distinct
    lock.relation::text as oid,
    lock.relation::regclass::text as relation,${sessionColumns}
  from pg_locks as lock
  join pg_stat_activity as activity on activity.pid = lock.pid
  where lock.locktype = 'relation'
    and (
      lock.mode = 'AccessExclusiveLock'
      or (
        lock.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock')
        and lock.relation in (select oid from pg_class where relnamespace = to_regnamespace('trifold'))
      )
    )
    and lock.database = (select oid from pg_database where datname = current_database())
    and lock.pid <> pg_backend_pid()
    and activity.application_name not like 'trifold %'
  order by since, activity.pid`

/** Such locks in this database, the oldest first, without those of Trifold. It waits for none of them. */
export async function exclusiveLocks(client: Pick<pg.ClientBase, 'query'>): Promise<ExclusiveLock[]> {
  const { rows } = await client.query(statement)
  return rows.map((row) => ({ ...row, pid: Number(row.pid) }))
}
