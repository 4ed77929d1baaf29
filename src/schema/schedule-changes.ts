// The table `trifold.schedule_changes`: who changed a schedule, and when. A trigger on `trifold.schedules` writes it.
import type pg from 'pg'
import { utcText } from '../sql.ts'
import type { StoredSchedule } from './schedules.ts'

/** A schedule as it was then, in text. */
export type PastSchedule = Pick<StoredSchedule, 'every_ms' | 'lag_ms' | 'cron' | 'time_zone' | 'paused' | 'source'>

/** A change, in text. */
export interface StoredChange {
  target: string
  /** ISO 8601 in UTC. */
  at: string
  role: string
  application: string
  address: string | null
  before: PastSchedule | null
  after: PastSchedule | null
}

/** The last changes of the schedules of targets, the newest first. @param pool of `database.ts`, whose values arrive as text */
export async function storedChanges(
  pool: Pick<pg.Pool, 'query'>,
  targets: readonly string[],
  limit: number,
): Promise<StoredChange[]> {
  const textOf = (schedule: string) => `(
    select jsonb_object_agg(key, value)
    from jsonb_each_text(${schedule})
  ) as ${schedule}`
  const { rows } = await pool.query(
    `select target, role, application, host(address) as address, ${utcText('at')} as at, ${textOf('before')}, ${textOf('after')}
    from trifold.schedule_changes
    where target = any ($1::text[])
    order by id desc
    limit $2`,
    [targets, limit],
  )
  const read = (text: string | null) => (text === null ? null : JSON.parse(text))
  return rows.map((row) => ({ ...row, before: read(row.before), after: read(row.after) }))
}
