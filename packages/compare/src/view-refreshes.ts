import type pg from 'pg'
import type { Series } from './comparison.ts'

/** The runs of a view's definition that ended from one moment to another, by the database's clock. */
export async function viewRefreshesOf(pool: pg.Pool, target: string, from: string, until: string): Promise<Series> {
  const { rows } = await pool.query(
    `select
      extract(epoch from finished_at - $2::timestamptz) as at,
      extract(epoch from finished_at - started_at) * 1000 as milliseconds
    from trifold.refreshes
    where target = $1
      and cause <> 'rebuild'
      and outcome = 'refreshed'
      and finished_at > $2::timestamptz
      and finished_at <= $3::timestamptz
    order by finished_at`,
    [target, from, until],
  )
  return { unit: 'ms', samples: rows.map((row) => ({ at: Number(row.at), value: Number(row.milliseconds) })) }
}
