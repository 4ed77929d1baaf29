-- Up Migration

-- Everything that the toolkit keeps lives in this schema: the outbox, its windows, the targets and their cursors.
-- Only the outbox holds what cannot be rebuilt. `trifold migrate` has created it, for its table of what ran.

-- The era is a sequence because a sequence is read outside of any snapshot: a transaction that began before a change of
-- era still stamps its events with the new one.
-- It is set and never advanced: `nextval` writes 32 values ahead, and after a crash the era would go on from there.
create sequence trifold.era as bigint minvalue 1 start 1 cache 1;
select setval('trifold.era', 1);

create table trifold.history (
  era bigint primary key,
  system_identifier text not null,
  timeline text not null,
  database_oid oid not null,
  written_by xid8 not null default pg_current_xact_id(),
  reason text not null,
  began_at timestamptz not null default now()
);
comment on table trifold.history is 'One row an era: the cluster, timeline and database in which it runs.';
comment on column trifold.history.written_by is 'Equals xmin in the database that wrote the row, and nowhere else after a dump was restored.';

-- CACHE 1 on purpose: sessions that cache positions would invert the events of one aggregate.
create sequence trifold.outbox_position as bigint cache 1;

create table trifold.outbox (
  position bigint not null default nextval('trifold.outbox_position'),
  xid xid8 not null default pg_current_xact_id(),
  era bigint not null,
  appended_at timestamptz not null default clock_timestamp(),
  id uuid not null default gen_random_uuid(),
  version smallint not null default 1,
  type text not null,
  aggregate text not null,
  payload json not null,
  trace text,
  primary key (position)
) partition by range (position);
-- The position is in it so that the many rows of one transaction are read page by page without sorting them each time.
create index outbox_xid on trifold.outbox (xid, position);
comment on table trifold.outbox is 'Append-only log of events, written in the transaction that caused them.';
comment on column trifold.outbox.id is 'The event''s own name, for other systems. No index: that ids differ between transactions is not checked.';
comment on column trifold.outbox.trace is 'The trace that the event belongs to, such as a W3C traceparent.';

-- Few and large partitions, created ahead by the worker. Where that has not happened the default partition takes the
-- rows, so that an append never fails. Rows in it keep their range from being created: `trifold doctor` reports them.
create table trifold.outbox_p0 partition of trifold.outbox for values from (minvalue) to (20000001);
create table trifold.outbox_default partition of trifold.outbox default;

create table trifold.windows (
  id bigint primary key,
  era bigint not null,
  snapshot pg_snapshot not null,
  taken_at timestamptz not null default clock_timestamp(),
  first_ordinal bigint not null,
  event_count bigint not null,
  floor bigint,
  ceiling bigint,
  oldest_appended_at timestamptz,
  nonce uuid not null default gen_random_uuid()
);
comment on table trifold.windows is 'What became visible between two snapshots: a numbered step of the outbox.';
comment on column trifold.windows.floor is 'Lowest position among the rows of transactions that began after the previous window; only in windows larger than one page.';
comment on column trifold.windows.ceiling is 'Highest such position.';

create table trifold.head (
  single boolean primary key default true check (single),
  window_id bigint not null,
  era bigint not null,
  snapshot pg_snapshot not null,
  taken_at timestamptz not null default clock_timestamp()
);
comment on table trifold.head is 'The newest snapshot up to which nothing followed the last window.';

create table trifold.generations (
  id bigint generated always as identity primary key,
  target text not null,
  number integer not null,
  storage text not null,
  storage_identity text,
  state text not null check (state in ('building', 'built', 'serving', 'retired', 'dropped')),
  reason text not null,
  definition_version integer not null,
  definition_hash text not null,
  columns jsonb not null,
  resolution jsonb not null default '{"catalog": "", "relations": [], "functions": []}',
  settings jsonb not null default '{}',
  build_snapshot pg_snapshot,
  build_window bigint,
  row_count bigint,
  snapshot pg_snapshot,
  snapshot_at timestamptz,
  created_at timestamptz not null default now(),
  built_at timestamptz,
  served_at timestamptz,
  retired_at timestamptz,
  failure jsonb,
  unique (target, number)
);
create unique index generations_serving on trifold.generations (target) where state = 'serving';
comment on table trifold.generations is 'One physical build of a target behind its public name.';
comment on column trifold.generations.resolution is 'The relations, columns and functions that the definition read when it was built.';
comment on column trifold.generations.settings is 'The settings of the target that only a rebuild changes, as they were when it was built.';
comment on column trifold.generations.failure is 'Why its build failed: code, message and time.';
comment on column trifold.generations.snapshot is 'The snapshot that a view reflects; event-fed targets reflect the window of their cursor.';

create table trifold.consumers (
  generation_id bigint primary key references trifold.generations (id) on delete cascade,
  era bigint not null,
  window_id bigint not null,
  position bigint,
  ordinal bigint not null,
  version bigint not null default 0,
  epoch bigint not null default 0,
  handlers_version integer not null,
  owner text,
  backend_pid integer,
  backend_start timestamptz,
  lease_until timestamptz not null default '-infinity',
  applied_at timestamptz,
  searchable_window bigint,
  failure jsonb
) with (fillfactor = 50);
comment on table trifold.consumers is 'The cursor and the lease of one event-fed generation. window_id is the last window applied wholly; position is the last row of the next one, null at a window''s end.';

create table trifold.row_snapshots (
  generation_id bigint not null references trifold.generations (id) on delete cascade,
  key text not null,
  snapshot pg_snapshot not null,
  primary key (generation_id, key)
);
comment on table trifold.row_snapshots is 'The snapshot at which a key was recomputed: later events already visible in it are dropped.';

create table trifold.troubles (
  target text primary key,
  worker text not null,
  code text not null,
  message text not null,
  since timestamptz not null default clock_timestamp(),
  at timestamptz not null default clock_timestamp()
);
comment on table trifold.troubles is 'At what a running worker fails and tries again; the row goes once that passed.';

create table trifold.schedules (
  target text primary key,
  every_ms bigint,
  cron text,
  time_zone text,
  paused boolean not null default false,
  source text not null check (source in ('config', 'operator')),
  updated_at timestamptz not null default now(),
  check ((every_ms is null) <> (cron is null)),
  check ((cron is null) = (time_zone is null))
);
comment on table trifold.schedules is 'The truth of the refresh schedules; the queue is reconciled with it.';

create table trifold.refreshes (
  id bigint generated always as identity primary key,
  target text not null,
  generation_id bigint references trifold.generations (id) on delete set null,
  cause text not null check (cause in ('rebuild', 'schedule', 'manual')),
  mode text not null check (mode in ('concurrently', 'blocking')),
  outcome text not null check (outcome in ('refreshed', 'failed', 'skipped')),
  error text,
  snapshot pg_snapshot,
  row_count bigint,
  size_bytes bigint,
  started_at timestamptz not null,
  finished_at timestamptz not null default clock_timestamp()
);
create index refreshes_target on trifold.refreshes (target, started_at desc);

create table trifold.serving (
  read_model text primary key,
  target text not null
);
comment on table trifold.serving is 'Which target the serving name shows of a read model.';

-- The first window: everything before it is history that builds read from the write model.
insert into trifold.windows (id, era, snapshot, first_ordinal, event_count)
values (0, 1, pg_current_snapshot(), 1, 0);

insert into trifold.history (era, system_identifier, timeline, database_oid, reason)
select
  1,
  system_identifier::text,
  substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
  (select oid from pg_database where datname = current_database()),
  'installed'
from pg_control_system();

-- Down Migration

-- All but the table of what ran, which is written after this. `trifold migrate` drops it with the schema.
create schema trifold_migrations;
alter table trifold.migrations set schema trifold_migrations;
drop schema trifold cascade;
alter schema trifold_migrations rename to trifold;
