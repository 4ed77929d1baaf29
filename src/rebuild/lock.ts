import { openClient } from '../database.ts'
import { leaseMilliseconds } from '../lease-time.ts'

/**
 * Runs `work` while nobody else rebuilds the target. A process that is frozen for longer than a lease loses the lock, and
 * what it builds is then refused.
 *
 * @returns undefined if another session is rebuilding the target now
 */
export const whileRebuilding = <T>(
  databaseUrl: string,
  target: string,
  work: () => Promise<T>,
): Promise<T | undefined> => whileLocked(databaseUrl, `rebuild ${target}`, work)

/**
 * Runs `work` while nobody else does what has that name. The lock is a session's advisory lock, so a crash gives it back.
 *
 * @returns undefined if another session has the lock
 */
export async function whileLocked<T>(
  databaseUrl: string,
  name: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const settings = { idle_session_timeout: String(leaseMilliseconds) }
  const client = await openClient(databaseUrl, { name: `lock ${name}`, settings })
  const alive = setInterval(() => client.query('select').catch(() => {}), leaseMilliseconds / 4)
  try {
    const { rows } = await client.query(`select pg_try_advisory_lock(hashtextextended($1, 0)) as locked`, [
      `trifold ${name}`,
    ])
    return rows[0].locked === 't' ? await work() : undefined
  } finally {
    clearInterval(alive)
    await client.end().catch(() => {})
  }
}
