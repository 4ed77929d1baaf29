-- Up Migration

-- Two functions and nothing else: quick, and workers of the version before run on beside them. They note the time of a
-- snapshot a moment after it was taken; so an age is exact once every worker is of this version.

-- What a generation shows now: the newest snapshot of this era that it reflects, its time or a moment before it, and the lag.
-- A function, so that who may not read the outbox may ask, and with the rights of its owner; it tells times and nothing
-- else. It is stable, so that it looks with the snapshot of the statement that reads the rows.
create function trifold.age(generation bigint, out as_of timestamptz, out snapshot pg_snapshot, out lag interval)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  with shown as materialized (
    select
      generations.*,
      consumers.window_id,
      consumers.position,
      least(
        case
          when generations.target like '%@search' then coalesce(consumers.searchable_window, generations.build_window)
          else consumers.window_id
        end,
        (
          select min(parked.window_id) - 1
          from trifold.suspect_keys
          join trifold.parked on parked.id = parked_id
          where suspect_keys.generation_id = generations.id
        )
      ) as shown_window
    from trifold.generations
    left join trifold.consumers on consumers.generation_id = generations.id
    where generations.id = generation
  ),
  era as materialized (
    select era, began_at
    from trifold.history
    where era = (select last_value from trifold.era)
  ),
  reflected (snapshot, taken_at) as (
    select shown.snapshot, snapshot_at
    from shown
    cross join era
    where snapshot_at >= began_at
    union all
    select build_snapshot, created_at
    from shown
    cross join era
    where build_snapshot is not null
      and created_at >= began_at
    union all
    select windows.snapshot, windows.taken_at
    from shown
    cross join era
    join trifold.windows on windows.id = shown_window and windows.era = era.era
    union all
    select head.snapshot, head.taken_at
    from shown
    cross join era
    join trifold.head on head.window_id = shown_window and head.era = era.era
    where shown_window = shown.window_id
      and position is null
  ),
  last_window as materialized (
    select windows.snapshot
    from trifold.windows
    order by id desc
    limit 1
  ),
  missing (appended_at) as (
    (
      select oldest_appended_at
      from shown
      join trifold.windows on windows.id > shown_window
      where event_count > 0
      order by windows.id
      limit 1
    )
    union all
    (
      select appended_at
      from trifold.outbox
      where xid >= (select pg_snapshot_xmax(last_window.snapshot) from last_window)
        and era = (select last_value from trifold.era)
      order by xid, position
      limit 1
    )
    union all
    (
      select straggler.appended_at
      from last_window
      cross join lateral pg_snapshot_xip(last_window.snapshot) as open (xid)
      cross join lateral (
        select appended_at
        from trifold.outbox
        where outbox.xid = open.xid
          and era = (select last_value from trifold.era)
        order by position
        limit 1
      ) as straggler
    )
  ),
  newest as (
    select *
    from reflected
    order by taken_at desc
    limit 1
  )
  select
    newest.taken_at,
    newest.snapshot,
    clock_timestamp() - case
      when shown.window_id is null then shown.snapshot_at
      else coalesce((select min(appended_at) from missing), clock_timestamp())
    end
  into as_of, snapshot, lag
  from shown
  left join newest on true;
  lag := greatest(lag, interval '0');
end
$$;
comment on function trifold.age is 'The time up to which a generation is complete, the snapshot that it reflects, and how long the oldest event that it lacks has been waiting; of a view, how long ago it was refreshed.';

create function trifold.as_of(name regclass) returns timestamptz
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  shown text := coalesce(
    substring(obj_description(name, 'pg_class') from 'trifold: facade of ([^\n]+)$'),
    -- A comment of the application may have taken the place of Trifold's.
    (
      select max(relation.relname)
      from pg_rewrite as rule
      join pg_depend as depend on depend.classid = 'pg_rewrite'::regclass
        and depend.objid = rule.oid
        and depend.refclassid = 'pg_class'::regclass
        and depend.refobjid <> rule.ev_class
      join pg_class as relation on relation.oid = depend.refobjid
      where rule.ev_class = name
      having count(distinct relation.oid) = 1
        and bool_and(relation.relnamespace = 'trifold'::regnamespace)
    )
  );
  generation bigint := (
    select id
    from trifold.generations
    where storage = shown
    order by id desc
    limit 1
  );
begin
  if generation is null then
    raise exception 'trifold.as_of: % is not a name of Trifold; give the name of a read model, or of its table or view', name
      using errcode = 'undefined_object';
  end if;
  return (trifold.age(generation)).as_of;
end
$$;
comment on function trifold.as_of is 'The time of the database up to which the rows are complete that a name of Trifold shows in this statement.';
grant execute on function trifold.age(bigint), trifold.as_of(regclass) to public;

-- Down Migration

drop function trifold.as_of(regclass);
drop function trifold.age(bigint);
