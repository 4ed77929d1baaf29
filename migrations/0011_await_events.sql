-- Up Migration

-- The server waits for what a ticker would otherwise ask for many times a second. It looks into tables only if a
-- transaction has ended since the last look. Nothing is held back while it waits: the transaction of a look ends before the
-- sleep, with its locks, and the snapshot of a sleep with the look that follows.
create procedure trifold.await_events(newest bigint, since_xmax xid8, since_open xid8[], current_era bigint, milliseconds integer)
language plpgsql
as $$
declare
  ends constant timestamptz := clock_timestamp() + milliseconds * interval '1 ms';
  pause double precision := 0.002;
  seen text := '';
  current text;
begin
  loop
    current := pg_current_snapshot()::text;
    exit when current <> seen
      and (
        (select max(id) from trifold.windows) <> newest
        or exists (
          select
          from trifold.outbox
          where xid >= since_xmax
            and xid < pg_snapshot_xmax(current::pg_snapshot)
            and era >= current_era
        )
        or exists (
          select
          from unnest(since_open) as open (xid)
          cross join lateral (
            select
            from trifold.outbox
            where outbox.xid = open.xid
              and era >= current_era
            limit 1
          ) as straggler
          where pg_visible_in_snapshot(open.xid, current::pg_snapshot)
        )
      );
    seen := current;
    commit;
    exit when clock_timestamp() >= ends;
    perform pg_sleep(pause);
    pause := least(pause * 1.6, 0.05);
  end loop;
end
$$;
comment on procedure trifold.await_events is 'Returns once something follows a window: a newer one, or events after a snapshot; or after some milliseconds.';

-- Down Migration

drop procedure trifold.await_events;
