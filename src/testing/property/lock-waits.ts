import type pg from 'pg'

/** A session that waits for a lock, and the sessions that hold it or wait for it in front. */
interface Wait {
  pid: string
  blockers: string[]
}

/**
 * How many sessions of the database wait for a lock that somebody will give back: not those in a deadlock, nor behind one,
 * which the server is about to end.
 */
export async function lastingLockWaits(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query(
    `select
      pid,
      pg_blocking_pids(pid)::text as blockers
    from pg_stat_activity
    where datname = current_database()
      and wait_event_type = 'Lock'`,
  )
  return withoutDeadlocks(rows.map(({ pid, blockers }) => ({ pid, blockers: blockers.match(/\d+/g) ?? [] }))).length
}

/** Those whose blockers, followed to the end, do not wait themselves. */
export function withoutDeadlocks(waits: readonly Wait[]): readonly Wait[] {
  const unknown = new Map(waits.map((wait) => [wait.pid, wait]))
  const lasting: Wait[] = []
  for (let found = -1; found !== lasting.length; ) {
    found = lasting.length
    for (const wait of unknown.values()) {
      if (wait.blockers.some((pid) => unknown.has(pid))) continue
      unknown.delete(wait.pid)
      lasting.push(wait)
    }
  }
  return lasting
}
