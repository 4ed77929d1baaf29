import type pg from 'pg'

/** A session that held a lock that was waited for. */
export interface Blocker {
  pid: number
  /** Its `application_name`, or what kind of process it is. */
  application: string
  /** What it ran, or ran last; null if the role may not see it. */
  query: string | null
}

/** How long a session waited for locks, and for whom. */
export interface LockWaits {
  milliseconds: number
  blockers: Blocker[]
}

const firstLook = 100
const longestPause = 2_000

const statement = `
  select
    extract(epoch from waiting.waitstart)::text as since,
    extract(epoch from clock_timestamp() - waiting.waitstart) * 1000 as milliseconds,
    (
      select
        jsonb_agg(
          jsonb_build_object(
            'pid', blocker.pid,
            'application', coalesce(nullif(blocker.application_name, ''), blocker.backend_type, 'unknown'),
            'query', left(regexp_replace(blocker.query, '\\s+', ' ', 'g'), 200)
          )
        )
      from pg_stat_activity as blocker
      where blocker.pid = any (pg_blocking_pids(waiting.pid))
    ) as blockers
  from pg_stat_get_activity($1) as session
  join pg_locks as waiting on waiting.pid = session.pid and not waiting.granted and waiting.waitstart is not null
  where session.wait_event_type = 'Lock'`

/**
 * Watches from other sessions how long a session waits for locks, and who holds them. It looks often at first, when a refresh
 * takes its locks, then every two seconds: a wait that is shorter than the time between two looks may be missed.
 */
export class LockWatch {
  private readonly pool: Pick<pg.Pool, 'query'>
  private readonly pid: number
  private readonly waits = new Map<string, number>()
  private readonly blockers = new Map<number, Blocker>()
  private timer: NodeJS.Timeout | undefined
  private isEnded = false

  /** @param pool of `database.ts` */
  static async of(pool: Pick<pg.Pool, 'query'>, client: Pick<pg.ClientBase, 'query'>): Promise<LockWatch> {
    const { rows } = await client.query('select pg_backend_pid() as pid')
    return new LockWatch(pool, Number(rows[0].pid))
  }

  private constructor(pool: Pick<pg.Pool, 'query'>, pid: number) {
    this.pool = pool
    this.pid = pid
    this.lookAfter(firstLook)
  }

  /** Looks no more, and says what it saw. */
  end(): LockWaits {
    this.isEnded = true
    clearTimeout(this.timer)
    const milliseconds = [...this.waits.values()].reduce((sum, wait) => sum + wait, 0)
    return { milliseconds, blockers: [...this.blockers.values()] }
  }

  private lookAfter(pause: number): void {
    if (this.isEnded) return
    this.timer = setTimeout(async () => {
      await this.look().catch(() => {}) // what it watches says what is wrong with the database
      this.lookAfter(Math.min(longestPause, pause * 1.3))
    }, pause).unref()
  }

  private async look(): Promise<void> {
    const { rows } = await this.pool.query(statement, [this.pid])
    for (const { since, milliseconds, blockers } of rows) {
      this.waits.set(since, Number(milliseconds))
      for (const blocker of JSON.parse(blockers ?? '[]') as Blocker[]) this.blockers.set(blocker.pid, blocker)
    }
  }
}
