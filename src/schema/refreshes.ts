// The table `trifold.refreshes`: the history of the refreshes and rebuilds of views.
import type pg from 'pg'

/** A refresh or rebuild that has ended. */
export interface EndedRun {
  target: string
  generationId: string | undefined
  cause: 'rebuild' | 'schedule' | 'manual'
  mode: 'concurrently' | 'blocking'
  outcome: 'refreshed' | 'failed' | 'skipped'
  error?: string
  /** As PostgreSQL writes it. */
  snapshot?: string
  rows?: string
  bytes?: string
  /** How long it took. */
  milliseconds: number
}

/** Writes the row of a run that ends now, by the database's clock. */
export async function insertRefresh(client: Pick<pg.ClientBase, 'query'>, run: EndedRun): Promise<void> {
  await client.query(
    `insert into trifold.refreshes
      (target, generation_id, cause, mode, outcome, error, snapshot, row_count, size_bytes, started_at, finished_at)
    select
      $1, (select id from trifold.generations where id = $2), $3, $4, $5, $6, $7::pg_snapshot, $8, $9,
      clock.now - $10 * interval '1 millisecond', clock.now
    from (select clock_timestamp() as now offset 0) as clock`,
    [
      run.target,
      run.generationId ?? null,
      run.cause,
      run.mode,
      run.outcome,
      run.error ?? null,
      run.snapshot ?? null,
      run.rows ?? null,
      run.bytes ?? null,
      run.milliseconds,
    ],
  )
}

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

/** Deletes the history of a target. */
export async function deleteRefreshes(client: pg.ClientBase, target: string): Promise<void> {
  await client.query('delete from trifold.refreshes where target = $1', [target])
}

/** When a refresh ended, in seconds after the beginning of a period, and how long it took, in milliseconds. */
export interface PastRefresh {
  at: number
  milliseconds: number
}

/** The refreshes of a view that ended well within a period, by the database's clock. Rebuilds are not among them. */
export async function refreshesBetween(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  from: string,
  until: string,
): Promise<PastRefresh[]> {
  const { rows } = await client.query(
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
  return rows.map((row) => ({ at: Number(row.at), milliseconds: Number(row.milliseconds) }))
}

/** Deletes runs that ended longer ago than `days`, except the last twenty of each target. */
export async function pruneRefreshes(client: Pick<pg.ClientBase, 'query'>, days: number): Promise<void> {
  await client.query(
    `delete from trifold.refreshes as old
    where finished_at < now() - $1::integer * interval '1 day'
      and id not in (
        select id
        from trifold.refreshes as newer
        where newer.target = old.target
        order by started_at desc
        limit 20
      )`,
    [days],
  )
}
