import { openClient } from '../database.ts'
import { leaseMilliseconds } from '../lease/time.ts'

/**
 * Runs `work` while nobody else fills the target. The lock is a session's advisory lock, so a crash gives it back; a
 * process that is frozen for longer than a lease loses it too, and what it fills is then refused.
 *
 * @returns undefined where another session is filling the target now
 */
export async function whileFilling<T>(
  databaseUrl: string,
  target: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const settings = { idle_session_timeout: String(leaseMilliseconds) }
  const client = await openClient(databaseUrl, { name: `fill lock ${target}`, settings })
  const alive = setInterval(() => client.query('select').catch(() => {}), leaseMilliseconds / 4)
  try {
    const { rows } = await client.query(`select pg_try_advisory_lock(hashtextextended($1, 0)) as locked`, [
      `trifold fill ${target}`,
    ])
    return rows[0].locked === 't' ? await work() : undefined
  } finally {
    clearInterval(alive)
    await client.end().catch(() => {})
  }
}
