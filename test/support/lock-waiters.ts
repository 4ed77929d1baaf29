import type pg from 'pg'
import { until } from './until.ts'

/** Waits until so many sessions of the pool's database wait for a lock. */
export async function waitForLockWaiters(pool: pg.Pool, count: number): Promise<void> {
  await until(`${count} sessions wait for a lock`, async () => {
    const { rows } = await pool.query(
      `select count(*)::integer as waiting
      from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return Number(rows[0].waiting) >= count
  })
}
