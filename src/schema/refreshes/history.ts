import type pg from 'pg'
import { utcText } from '../../sql.ts'

/** A period, ISO 8601. */
export interface Period {
  since: string
  until: string
}

type Row = Record<string, string | null>

/** The last runs of a target that ended in a period, the newest first, as text. */
export async function storedRuns(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  { since, until }: Period,
  limit: number,
): Promise<Row[]> {
  const { rows } = await client.query(
    `select
      cause, mode, outcome, error, code, sqlstate, attempt, worker, row_count, size_bytes, rows_inserted, rows_changed,
      rows_deleted, wal_bytes, buffers_hit, buffers_read, lag_before_ms, lag_after_ms, lock_wait_ms, blockers,
      ${utcText('queued_at')} as queued_at,
      ${utcText('started_at')} as started_at,
      ${utcText('finished_at')} as finished_at,
      extract(epoch from finished_at - started_at) * 1000 as milliseconds,
      (select number from trifold.generations as generation where generation.id = generation_id) as generation
    from trifold.refreshes
    where target = $1
      and finished_at >= $2::timestamptz
      and finished_at <= $3::timestamptz
    order by started_at desc
    limit $4`,
    [target, since, until, limit],
  )
  return rows
}

/** What all runs of the targets in a period come to, one row a target that has any, as text. Durations are of refreshes. */
export async function storedSums(
  client: Pick<pg.ClientBase, 'query'>,
  targets: readonly string[],
  { since, until }: Period,
): Promise<Row[]> {
  const refreshed = `outcome = 'refreshed' and cause in ('schedule', 'manual')`
  const { rows } = await client.query(
    `select
      target,
      count(*) filter (where ${refreshed}) as refreshed,
      count(*) filter (where outcome = 'refreshed' and cause = 'rebuild') as rebuilt,
      count(*) filter (where cause = 'recompute') as recomputed,
      count(*) filter (where outcome = 'failed') as failed,
      count(*) filter (where outcome = 'skipped') as skipped,
      percentile_cont(0.5) within group (order by took) filter (where ${refreshed}) as p50,
      percentile_cont(0.99) within group (order by took) filter (where ${refreshed}) as p99,
      max(took) filter (where ${refreshed}) as longest,
      sum(took) filter (where outcome <> 'skipped') as worked,
      sum(lock_wait_ms) as waited,
      sum(wal_bytes) as wal,
      count(wal_bytes) as wal_known
    from trifold.refreshes
    cross join lateral (select extract(epoch from finished_at - started_at) * 1000 as took) as run
    where target = any ($1::text[])
      and finished_at >= $2::timestamptz
      and finished_at <= $3::timestamptz
    group by target`,
    [targets, since, until],
  )
  return rows
}

/** A part of a period, of `count` that are equally long. */
export interface Part {
  target: string
  place: number
  lag: number | undefined
  events: number
  keys: number
  longest: number | undefined
}

/** What is known of the parts of a period: minutes and runs; parts of which nothing is known are left out. */
export async function storedParts(
  client: Pick<pg.ClientBase, 'query'>,
  targets: readonly string[],
  { since, until }: Period,
  count: number,
): Promise<Part[]> {
  const placeOf = (time: string) =>
    `least($4::integer - 1, floor(extract(epoch from ${time} - $2::timestamptz)
      / extract(epoch from $3::timestamptz - $2::timestamptz) * $4::integer))::integer`
  const { rows } = await client.query(
    `select target, place, max(lag) as lag, sum(events) as events, sum(keys) as keys, max(took) as longest
    from (
      select target, greatest(0, ${placeOf('minute')}) as place, lag_ms as lag, events, keys, null as took
      from trifold.minutes
      where target = any ($1::text[])
        and minute > $2::timestamptz - interval '1 minute'
        and minute <= $3::timestamptz
      union all
      select target, ${placeOf('finished_at')}, null, 0, 0, extract(epoch from finished_at - started_at) * 1000
      from trifold.refreshes
      where target = any ($1::text[])
        and finished_at >= $2::timestamptz
        and finished_at <= $3::timestamptz
        and outcome = 'refreshed'
        and cause <> 'recompute'
    ) as known
    group by target, place
    order by target, place`,
    [targets, since, until, count],
  )
  const numberOf = (text: string | null) => (text === null ? undefined : Number(text))
  return rows.map((row) => ({
    target: row.target,
    place: Number(row.place),
    lag: numberOf(row.lag),
    events: Number(row.events),
    keys: Number(row.keys),
    longest: numberOf(row.longest),
  }))
}

/**
 * What readers of a view saw in a period, the oldest first: when each refresh or rebuild began and ended, in milliseconds since
 * 1970; also the last one before the period.
 */
export async function shownRows(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  { since, until }: Period,
): Promise<{ from: number; shown: number }[]> {
  const { rows } = await client.query(
    `select extract(epoch from started_at) * 1000 as from, extract(epoch from finished_at) * 1000 as shown
    from trifold.refreshes
    where target = $1
      and outcome = 'refreshed'
      and mode in ('concurrently', 'blocking')
      and finished_at <= $3::timestamptz
      and finished_at >= coalesce(
        (
          select max(finished_at)
          from trifold.refreshes
          where target = $1
            and outcome = 'refreshed'
            and finished_at < $2::timestamptz
        ),
        $2::timestamptz
      )
    order by finished_at`,
    [target, since, until],
  )
  return rows.map((row) => ({ from: Number(row.from), shown: Number(row.shown) }))
}
