import { openClient } from '../database.ts'
import { leaseMilliseconds } from '../lease/time.ts'

/**
 * Runs `work` while nobody else rebuilds the target. The lock is a session's advisory lock, so a crash gives it back; a
 * process that is frozen for longer than a lease loses it too, and what it builds is then refused.
 *
 * @returns undefined if another session is rebuilding the target now
 */
export async function whileRebuilding<T>(
  databaseUrl: string,
  target: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const settings = { idle_session_timeout: String(leaseMilliseconds) }
  const client = await openClient(databaseUrl, { name: `rebuild lock ${target}`, settings })
  const alive = setInterval(() => client.query('select').catch(() => {}), leaseMilliseconds / 4)
  try {
    const { rows } = await client.query(`select pg_try_advisory_lock(hashtextextended($1, 0)) as locked`, [
      `trifold rebuild ${target}`,
    ])
    return rows[0].locked === 't' ? await work() : undefined
  } finally {
    clearInterval(alive)
    await client.end().catch(() => {})
  }
}
