-- Up Migration

-- Workers of the version before write no rows here and leave the new columns null, which means unknown.
create table trifold.runs (
  backend_pid integer not null,
  backend_start timestamptz not null,
  target text not null,
  cause text not null,
  attempt integer not null,
  worker text not null,
  started_at timestamptz not null default clock_timestamp(),
  primary key (backend_pid, backend_start)
);
comment on table trifold.runs is 'The refreshes and rebuilds of views that are under way, each with the session that works on it.';

alter table trifold.troubles
  add column attempt integer,
  add column next_at timestamptz;
comment on column trifold.troubles.next_at is 'When the worker tries again; null if it waits for the next regular run.';

alter table trifold.workers add column blocked_ms double precision;
comment on column trifold.workers.blocked_ms is 'The longest time for which its event loop was blocked since it was seen the time before.';

-- Down Migration

drop table trifold.runs;
alter table trifold.troubles
  drop column attempt,
  drop column next_at;
alter table trifold.workers drop column blocked_ms;
