import type pg from 'pg'

type Client = Pick<pg.ClientBase, 'query'>

/** A refresh of a view that succeeded. What is undefined is unknown. */
export interface RefreshCost {
  /** When it got its lock, in milliseconds since 1970. */
  at: number
  /** From its lock to its end, and from its request to its end, in milliseconds. */
  took: number
  sinceQueued: number
  mode: 'concurrently' | 'blocking'
  rows: number | undefined
  /** Rows that it inserted and deleted. */
  written: number | undefined
  walBytes: number | undefined
}

const refreshed = `outcome = 'refreshed' and cause in ('schedule', 'manual')`

const numberOf = (text: string | null): number | undefined => (text === null ? undefined : Number(text))

/** The last refreshes of a view, the newest first. */
export async function lastRefreshes(client: Client, target: string, limit: number): Promise<RefreshCost[]> {
  const { rows } = await client.query(
    `select
      mode, row_count, wal_bytes,
      rows_inserted + rows_deleted as written,
      extract(epoch from started_at) * 1000 as at,
      extract(epoch from finished_at - started_at) * 1000 as took,
      extract(epoch from finished_at - coalesce(queued_at, started_at)) * 1000 as since_queued
    from trifold.refreshes
    where target = $1
      and ${refreshed}
    order by started_at desc
    limit $2`,
    [target, limit],
  )
  return rows.map((row) => ({
    at: Number(row.at),
    took: Number(row.took),
    sinceQueued: Number(row.since_queued),
    mode: row.mode,
    rows: numberOf(row.row_count),
    written: numberOf(row.written),
    walBytes: numberOf(row.wal_bytes),
  }))
}

/** What the refreshes of a view were in each hour that had one, in the middle, the oldest first. Days are since 1970, UTC. */
export async function refreshHours(
  client: Client,
  target: string,
): Promise<{ day: number; milliseconds: number; rows: number }[]> {
  const { rows } = await client.query(
    `select
      extract(epoch from date_trunc('hour', started_at)) / 86400 as day,
      percentile_cont(0.5) within group (order by extract(epoch from finished_at - started_at) * 1000) as milliseconds,
      percentile_cont(0.5) within group (order by row_count) as rows
    from trifold.refreshes
    where target = $1
      and ${refreshed}
      and finished_at > started_at
      and started_at > now() - interval '30 days'
    group by 1
    order by 1`,
    [target],
  )
  return rows.map((row) => ({
    day: Number(row.day),
    milliseconds: Number(row.milliseconds),
    rows: Number(row.rows ?? 0),
  }))
}

/** The middle of the greatest lags, by minute, that workers have seen of targets in the last day, in milliseconds. */
export async function typicalLags(client: Client, targets: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await client.query(
    `select target, percentile_cont(0.5) within group (order by lag_ms) as lag
    from trifold.minutes
    where target = any ($1::text[])
      and minute > now() - interval '1 day'
      and lag_ms is not null
    group by target`,
    [targets],
  )
  return new Map(rows.map((row) => [row.target, Number(row.lag)]))
}
