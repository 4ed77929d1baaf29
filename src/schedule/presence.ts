import { hostname } from 'node:os'
import type pg from 'pg'
import { openClient } from '../database.ts'
import { lockHeld } from '../sql.ts'

const lockName = 'trifold schedule '
/** The session of a presence; behind it host and process follow. PostgreSQL cuts the name off. */
const sessionName = 'schedule presence '

/** An SQL expression: whether a process runs the schedule of a target. @param target an SQL expression */
export const scheduleRuns = (target: string): string => lockHeld(`'${lockName}' || ${target}`)

/** The process that runs the schedule of each target: the beginning of its owner's id; undefined of an earlier version. */
export async function readPresence(
  client: Pick<pg.ClientBase, 'query'>,
  targets: readonly string[],
): Promise<Map<string, string | undefined>> {
  const { rows } = await client.query(
    `select asked.target, substr(activity.application_name, length($2) + 1) as process
    from unnest($1::text[]) as asked (target)
    join pg_locks as lock on lock.locktype = 'advisory'
      and lock.granted
      and lock.objsubid = 1
      and (lock.classid::bigint << 32) | lock.objid::bigint = hashtextextended('${lockName}' || asked.target, 0)
    join pg_stat_activity as activity on activity.pid = lock.pid and activity.datname = current_database()`,
    [targets, `trifold ${sessionName}`],
  )
  return new Map(rows.map((row) => [row.target, row.process || undefined]))
}

/**
 * Says that this process runs the schedules of its targets, for as long as it does: a separate session holds a shared
 * advisory lock for each, so that it ends with the process.
 */
export class Presence {
  private readonly databaseUrl: string
  private readonly targets: readonly string[]
  private session: pg.Client | undefined

  constructor(databaseUrl: string, targets: readonly string[]) {
    this.databaseUrl = databaseUrl
    this.targets = targets
  }

  /** Takes the locks, again if the session has broken. */
  async show(): Promise<void> {
    if (this.session) return
    const session = await openClient(this.databaseUrl, {
      name: `${sessionName}${hostname()}:${process.pid}:`,
    })
    session.once('end', () => {
      if (this.session === session) this.session = undefined
    })
    this.session = session
    await session.query(
      `select pg_advisory_lock_shared(hashtextextended('${lockName}' || target, 0))
      from unnest($1::text[]) as target`,
      [this.targets],
    )
  }

  /** Gives them back. */
  async hide(): Promise<void> {
    const { session } = this
    this.session = undefined
    await session?.end()
  }
}
