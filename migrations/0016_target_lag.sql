-- Up Migration

-- A target lag. `every_ms` then has half of it: that is what workers of the version before refresh by. If they write another
-- interval there, it counts, and not the lag.
alter table trifold.schedules add column lag_ms bigint;
comment on column trifold.schedules.lag_ms is 'The target lag; it counts while every_ms is half of it.';

-- Down Migration

alter table trifold.schedules drop column lag_ms;
