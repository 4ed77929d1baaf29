const iso = (expression: string): string => `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Counting stops here: a log that nobody has read for a week is not scanned to say so. */
const countedEvents = 100_000

/**
 * Events that are not visible in a snapshot, both branches by the index on xid; the statement's own snapshot hides what
 * has not committed. Ids ascend with time, so that the oldest of the first ones is the oldest of all.
 */
const notVisibleIn = (snapshot: string): string => `
  select min(appended_at) as oldest, count(*) as events
  from (
    (
      select appended_at
      from trifold.outbox
      where xid >= pg_snapshot_xmax(${snapshot})
        and era = (select last_value from trifold.era)
      order by xid
      limit ${countedEvents}
    )
    union all
    (
      select appended_at
      from pg_snapshot_xip(${snapshot}) as open (xid)
      join trifold.outbox on outbox.xid = open.xid
      where outbox.era = (select last_value from trifold.era)
      limit ${countedEvents}
    )
  ) as newer`

const lastWindow = `
  select id, first_number, event_count, snapshot, taken_at
  from trifold.windows
  order by id desc
  limit 1`

/** The log as all targets see it. */
export const feedStatement = `
  select
    ${iso('clock_timestamp()')} as at,
    (select last_value from trifold.era) as era,
    last_window.id as last_window,
    ${iso('last_window.taken_at')} as last_window_at,
    (select ${iso('taken_at')} from trifold.head) as head_at,
    waiting.events as waiting
  from (${lastWindow}) as last_window
  cross join lateral (${notVisibleIn('last_window.snapshot')}) as waiting`

const lockHeld = (name: string): string => `
  exists (
    select
    from pg_locks
    where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())
      and objsubid = 1
      and (classid::bigint << 32) | objid::bigint = hashtextextended('${name} ' || asked.target, 0)
  )`

/**
 * Everything about the targets `$1`; `$2` tells of each whether rows and cursor change together (if not, readers see
 * what its last index refresh recorded), `$3` whether the application appends events at all: where it does not, a view
 * is as old as its snapshot.
 */
export const factsStatement = `
  with last_window as materialized (${lastWindow}
  ), unwindowed as materialized (
    select newer.*
    from last_window
    cross join lateral (${notVisibleIn('last_window.snapshot')}) as newer
  )
  select
    asked.target,
    generation.number as generation,
    generation.reason,
    generation.definition_version,
    generation.definition_hash,
    generation.columns,
    ${iso('generation.filled_at')} as filled_at,
    ${iso('generation.served_at')} as served_at,
    ${iso('generation.snapshot_at')} as snapshot_at,
    ${lockHeld('trifold fill')} as filling,
    ${lockHeld('trifold refresh')} as refreshing,
    consumer.era,
    consumer.epoch,
    consumer.window_id,
    consumer.number as number,
    consumer.handlers_version,
    consumer.owner,
    consumer.failure,
    ${iso("nullif(consumer.lease_until, '-infinity')")} as lease_until,
    ${iso('consumer.applied_at')} as applied_at,
    consumer.lease_until > clock_timestamp() and exists (
      select
      from pg_stat_activity
      where pid = consumer.backend_pid
        and backend_start = consumer.backend_start
    ) as held,
    case
      when generation.id is null then null
      when consumer.generation_id is not null
        then last_window.first_number + last_window.event_count - 1 - consumer.number + unwindowed.events
      else view_behind.events
    end as events_waiting,
    case
      when generation.id is null then null
      when consumer.generation_id is null and not $3::boolean
        then extract(epoch from clock_timestamp() - generation.snapshot_at) * 1000
      when consumer.generation_id is null
        then coalesce(extract(epoch from clock_timestamp() - view_behind.oldest) * 1000, 0)
      else coalesce(
        extract(epoch from clock_timestamp() - coalesce(next_window.oldest_appended_at, unwindowed.oldest)) * 1000, 0)
    end as lag,
    refresh.cause as refresh_cause,
    refresh.mode as refresh_mode,
    refresh.outcome as refresh_outcome,
    refresh.error as refresh_error,
    ${iso('refresh.started_at')} as refresh_started_at,
    ${iso('refresh.finished_at')} as refresh_finished_at,
    extract(epoch from refresh.finished_at - refresh.started_at) * 1000 as refresh_milliseconds,
    refresh.row_count as refresh_rows,
    typical.milliseconds as typical_milliseconds
  from unnest($1::text[], $2::boolean[]) with ordinality as asked (target, transactional, place)
  cross join last_window
  cross join unwindowed
  left join trifold.generations as generation on generation.target = asked.target and generation.state = 'serving'
  left join trifold.consumers as consumer on consumer.generation_id = generation.id
  left join lateral (
    select oldest_appended_at
    from trifold.windows
    where id > case
        when asked.transactional then consumer.window_id
        else coalesce(consumer.searchable_window, generation.fill_window)
      end
      and event_count > 0
    order by id
    limit 1
  ) as next_window on true
  left join lateral (${notVisibleIn('generation.snapshot')}) as view_behind on consumer.generation_id is null
  left join lateral (
    select *
    from trifold.refreshes
    where target = asked.target
      and outcome <> 'skipped'
    order by started_at desc
    limit 1
  ) as refresh on true
  left join lateral (
    select
      percentile_cont(0.5) within group (order by extract(epoch from finished_at - started_at) * 1000) as milliseconds
    from (
      select started_at, finished_at
      from trifold.refreshes
      where target = asked.target
        and outcome = 'refreshed'
        and cause <> 'fill'
      order by started_at desc
      limit 20
    ) as recent
  ) as typical on true
  order by asked.place`
