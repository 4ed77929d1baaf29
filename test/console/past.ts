import type pg from 'pg'

/** A blocker whose name would do harm in a page that does not escape it. */
const blocker = JSON.stringify([
  { pid: 4711, application: 'nightly <b onclick=x>report</b>', query: "select '<i>' from public.orders for update" },
])

/**
 * Five days of refreshes, one each quarter of an hour, which take longer each day, always the same. In the last night they take much
 * longer, three wait for a lock, and two fail. And the lag of each minute of the last day.
 */
export async function insertPast(pool: pg.Pool): Promise<void> {
  await pool.query(
    `insert into trifold.refreshes (
      target, generation_id, cause, mode, outcome, error, code, sqlstate, row_count, size_bytes, queued_at, started_at, finished_at,
      lock_wait_ms, blockers, rows_inserted, rows_deleted, wal_bytes, lag_before_ms, lag_after_ms, attempt, worker
    )
    select
      target, (select id from trifold.generations where generations.target = run.target and state = 'serving'),
      'schedule', 'concurrently', outcome,
      case when outcome = 'failed' then 'view: ' || target || ': canceling statement due to lock timeout' end,
      case when outcome = 'failed' then 'REFRESH_FAILED' end,
      case when outcome = 'failed' then '55P03' end,
      case when outcome = 'refreshed' then 20000 + 40 * place end, 8192 * 400,
      ended - (took + waited + 20) * interval '1 ms', ended - took * interval '1 ms', ended,
      case when waited > 0 then waited end, case when waited > 0 then $1::jsonb end,
      120, 80, 400000 + 900 * place, 900000, took, 1, 'night-1:' || 4000 + abs(place) % 3
    from (
      select
        target, place, now() - (95 - place) * interval '15 minutes' - interval '30 seconds' as ended,
        case when place in (40, 83) then 'failed' else 'refreshed' end as outcome,
        3000 + 3 * place + 90 * (abs(place) * 7919 % 13) + case when place between 44 and 60 then 2600 else 0 end as took,
        case when place in (40, 52, 90) then 2400 else 0 end as waited
      from generate_series(-384, 95) as place
      cross join (values ('orders@view'), ('totals@view')) as targets (target)
    ) as run`,
    [blocker],
  )
  await pool.query(`
    insert into trifold.minutes (minute, target, lag_ms, events, keys)
    select
      date_trunc('minute', now()) - place * interval '1 minute', target,
      case when target = 'orders@table' then 40 + place * 7919 % 90 else (1500 - place) % 15 * 60000 + 3000 end,
      place * 7919 % 40, place * 7919 % 30
    from generate_series(1, 1438) as place
    cross join (values ('orders@table'), ('orders@view'), ('totals@view')) as targets (target)
    on conflict do nothing`)
}
