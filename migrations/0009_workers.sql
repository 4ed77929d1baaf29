-- Up Migration

-- Workers of the version before are not in it: they take every lease that is free, and the others wait for them as before.
create table trifold.workers (
  id text primary key,
  targets jsonb not null,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
);
comment on table trifold.workers is 'The workers that run, so that they share the targets fairly. Leases alone keep two of them from one target.';
comment on column trifold.workers.targets is 'The event-fed targets that it can keep, each with the version of its handlers.';

-- Down Migration

drop table trifold.workers;
