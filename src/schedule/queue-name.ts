import { createHash } from 'node:crypto'
import type pg from 'pg'

/** Projects that share a Redis have a queue each: named after the database and its cluster. */
export async function queueName(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query(
    `select current_database() as name, system_identifier::text as cluster
    from pg_control_system()`,
  )
  const hash = createHash('sha256').update(`${rows[0].cluster}/${rows[0].name}`).digest('hex').slice(0, 8)
  return `trifold-${rows[0].name.replaceAll(/[^a-z0-9_-]/gi, '_')}-${hash}`
}
