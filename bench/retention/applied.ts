import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'

/** Waits until a target has applied so many events of the log. */
export async function untilApplied(pool: pg.Pool, target: string, events: number): Promise<void> {
  for (;;) {
    const { rows } = await pool.query(
      `select ordinal::float8
      from trifold.consumers
      join trifold.generations on generations.id = generation_id and state = 'serving'
      where target = $1`,
      [target],
    )
    if (rows[0]?.ordinal >= events) return
    await sleep(20)
  }
}
