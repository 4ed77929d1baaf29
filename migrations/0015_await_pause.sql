-- Up Migration

-- As the procedure before, which workers of earlier versions call; here the caller says how long the first pause is, so that
-- one that has found nothing for long begins with a long one. The wait ends when its time is over, and not up to a look later.
create procedure trifold.await_events(newest bigint, since_xmax xid8, since_open xid8[], current_era bigint, milliseconds integer, pause double precision)
language plpgsql
as $$
declare
  ends constant timestamptz := clock_timestamp() + milliseconds * interval '1 ms';
  longest constant double precision := greatest(pause, 0.05);
  remaining double precision;
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
    remaining := extract(epoch from ends - clock_timestamp());
    exit when remaining <= 0;
    perform pg_sleep(least(pause, remaining));
    pause := least(pause * 1.6, longest);
  end loop;
end
$$;
comment on procedure trifold.await_events(bigint, xid8, xid8[], bigint, integer, double precision) is 'Returns once something follows a window: a newer one, or events after a snapshot; or after some milliseconds.';

-- Down Migration

drop procedure trifold.await_events(bigint, xid8, xid8[], bigint, integer, double precision);
