// The table `trifold.refreshes`: the history of refreshes, rebuilds and recomputes of keys.
import { hostname } from 'node:os'
import type pg from 'pg'

type Client = Pick<pg.ClientBase, 'query'>

/** A refresh, a rebuild or a recompute of keys that has ended. What is undefined is unknown. */
export interface EndedRun extends RunCosts {
  target: string
  generationId: string | undefined
  cause: 'rebuild' | 'schedule' | 'manual' | 'recompute'
  /** How the rows were written: `copy` by a rebuild of a table or an index, `keys` by a recompute. */
  mode: 'concurrently' | 'blocking' | 'copy' | 'keys'
  outcome: 'refreshed' | 'failed' | 'skipped'
  error?: string | undefined
  /** Trifold's code of the error, and PostgreSQL's. */
  code?: string | undefined
  sqlState?: string | undefined
  /** As PostgreSQL writes it. */
  snapshot?: string | undefined
  rows?: string | undefined
  bytes?: string | undefined
  /** How long it took once it had its lock, and since it was asked for. */
  milliseconds: number
  sinceQueued?: number | undefined
  inserted?: number | undefined
  changed?: number | undefined
  deleted?: number | undefined
  /** The lag when it began, and when it ended, in milliseconds. */
  lagBefore?: number | undefined
  lagAfter?: number | undefined
  /** 1 unless it was tried again. */
  attempt?: number | undefined
}

/** What a run has cost, which is known once its transaction has ended. */
export interface RunCosts {
  lockWaits?: { milliseconds: number; blockers: readonly object[] } | undefined
  costs?: { walBytes: number; buffersHit: number; buffersRead: number } | undefined
}

/** Writes the row of a run that ends now, by the database's clock. @returns its id */
export async function insertRefresh(client: Client, run: EndedRun): Promise<string> {
  const { rows } = await client.query(
    `insert into trifold.refreshes
      (
        target, generation_id, cause, mode, outcome, error, snapshot, row_count, size_bytes, started_at, finished_at,
        queued_at, code, sqlstate, rows_inserted, rows_changed, rows_deleted, lag_before_ms, lag_after_ms, attempt, worker
      )
    select
      $1, (select id from trifold.generations where id = $2), $3, $4, $5, $6, $7::pg_snapshot, $8, $9,
      clock.now - $10 * interval '1 millisecond', clock.now,
      clock.now - $11 * interval '1 millisecond', $12, $13, $14, $15, $16, $17, $18, $19, $20
    from (select clock_timestamp() as now offset 0) as clock
    returning id::text`,
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
      run.sinceQueued ?? run.milliseconds,
      run.code ?? null,
      run.sqlState ?? null,
      run.inserted ?? null,
      run.changed ?? null,
      run.deleted ?? null,
      run.lagBefore ?? null,
      run.lagAfter ?? null,
      run.attempt ?? 1,
      `${hostname()}:${process.pid}`,
    ],
  )
  await recordCosts(client, rows[0].id, run)
  return rows[0].id
}

/** Writes the row of a recompute of keys that ends now. Its session does more than that, so its costs are unknown. */
export async function recordRecompute(
  client: Client,
  { id, target }: { id: string; target: string },
  keys: number,
  milliseconds: number,
): Promise<void> {
  const run = { target, generationId: id, cause: 'recompute', mode: 'keys', outcome: 'refreshed' } as const
  await insertRefresh(client, { ...run, milliseconds, changed: keys })
}

/** Writes what a run has cost to its row, as far as it is known. */
export async function recordCosts(client: Client, id: string, { lockWaits, costs }: RunCosts): Promise<void> {
  if (!lockWaits && !costs) return
  await client.query(
    `update trifold.refreshes
    set lock_wait_ms = $2, blockers = $3, wal_bytes = $4, buffers_hit = $5, buffers_read = $6
    where id = $1`,
    [
      id,
      lockWaits?.milliseconds ?? null,
      lockWaits && lockWaits.blockers.length > 0 ? JSON.stringify(lockWaits.blockers) : null,
      costs?.walBytes ?? null,
      costs?.buffersHit ?? null,
      costs?.buffersRead ?? null,
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
        and cause in ('schedule', 'manual')
      order by started_at desc
      limit 20
    ) as recent`

/** So many refreshes tell how long the next takes. */
const fewRuns = 20

/**
 * A statement: how long the last refreshes of a target took from request to end, in milliseconds, the newest first, as an array.
 * Those of an earlier version do not tell when they were asked for.
 *
 * @param target an SQL expression
 */
export const lastTaken = (target: string): string => `
    select
      coalesce(
        json_agg(extract(epoch from finished_at - coalesce(queued_at, started_at)) * 1000 order by started_at desc),
        '[]'
      )
    from (
      select queued_at, started_at, finished_at
      from trifold.refreshes
      where target = ${target}
        and outcome = 'refreshed'
        and cause in ('schedule', 'manual')
      order by started_at desc
      limit ${fewRuns}
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
      and cause in ('schedule', 'manual')
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

/** How long a refresh took from its lock to its end, in milliseconds, and the rows that it gave. */
export interface PastDuration {
  milliseconds: number
  rows: number | undefined
}

/** The last refreshes of views that succeeded, the newest first. */
export async function pastDurations(client: Client, targets: readonly string[]): Promise<Map<string, PastDuration[]>> {
  const { rows } = await client.query(
    `select asked.target, recent.milliseconds, recent.row_count
    from unnest($1::text[]) as asked (target)
    cross join lateral (
      select extract(epoch from finished_at - started_at) * 1000 as milliseconds, row_count
      from trifold.refreshes
      where refreshes.target = asked.target
        and outcome = 'refreshed'
        and cause in ('schedule', 'manual')
      order by started_at desc
      limit ${fewRuns}
    ) as recent`,
    [targets],
  )
  const found = new Map<string, PastDuration[]>()
  for (const { target, milliseconds, row_count: count } of rows) {
    const one = { milliseconds: Number(milliseconds), rows: count === null ? undefined : Number(count) }
    found.set(target, [...(found.get(target) ?? []), one])
  }
  return found
}
