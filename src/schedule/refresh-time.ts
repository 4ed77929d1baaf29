import type pg from 'pg'

/**
 * A statement: `milliseconds`, the middle of the last twenty refreshes of a target that succeeded; null before the first.
 *
 * @param target an SQL expression
 */
export const typicalRefresh = (target: string): string => `
    select
      percentile_cont(0.5) within group (order by extract(epoch from finished_at - started_at) * 1000) as milliseconds
    from (
      select started_at, finished_at
      from trifold.refreshes
      where target = ${target}
        and outcome = 'refreshed'
        and cause <> 'rebuild'
      order by started_at desc
      limit 20
    ) as recent`

/** Milliseconds that a refresh of the target takes, as measured; undefined before the first. */
export async function measuredRefresh(pool: Pick<pg.Pool, 'query'>, target: string): Promise<number | undefined> {
  const { rows } = await pool.query(typicalRefresh('$1::text'), [target])
  return rows[0].milliseconds === null ? undefined : Number(rows[0].milliseconds)
}
