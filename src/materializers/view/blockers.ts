import type pg from 'pg'
import type { TargetContext } from '../../materializer.ts'
import { servingGeneration } from '../../schema/generations.ts'
import { qualified } from '../../sql.ts'

/** What a refresh needs of the tables conflicts with this mode alone; what it needs of its view, with more. */
const statement = `
  select distinct
    activity.pid,
    coalesce(nullif(activity.application_name, ''), activity.backend_type) as name,
    lock.relation::regclass::text as relation,
    left(regexp_replace(activity.query, '\\s+', ' ', 'g'), 80) as query
  from pg_locks as lock
  join pg_stat_activity as activity on activity.pid = lock.pid
  where lock.locktype = 'relation'
    and lock.granted
    and lock.pid <> pg_backend_pid()
    and lock.database = (select oid from pg_database where datname = current_database())
    and (
      lock.relation = any ($1::oid[]) and lock.mode = 'AccessExclusiveLock'
      or lock.relation = to_regclass($2) and lock.mode not in ('AccessShareLock', 'RowShareLock')
    )`

/** Who holds the locks that a refresh of the target waits for: pid, application and query of each; empty if nobody does. */
export async function blockersOf(client: pg.ClientBase, { target }: TargetContext): Promise<string> {
  const generation = await servingGeneration(client, target)
  if (!generation) return ''
  const oids = generation.resolution.relations.map(({ oid }) => oid)
  const { rows } = await client.query(statement, [oids, qualified('trifold', generation.storage)])
  return rows.map(({ pid, name, relation, query }) => `${name} (pid ${pid}) on ${relation}: ${query}`).join('; ')
}
