-- Up Migration

-- What a refresh, rebuild or recompute cost. Workers of the version before write rows of views only, and leave the new
-- columns null, which means unknown.
alter table trifold.refreshes
  drop constraint refreshes_cause_check,
  drop constraint refreshes_mode_check,
  add constraint refreshes_cause_check check (cause in ('rebuild', 'schedule', 'manual', 'recompute')),
  add constraint refreshes_mode_check check (mode in ('concurrently', 'blocking', 'copy', 'keys')),
  add column queued_at timestamptz,
  add column lock_wait_ms double precision,
  add column blockers jsonb,
  add column rows_inserted bigint,
  add column rows_changed bigint,
  add column rows_deleted bigint,
  add column wal_bytes bigint,
  add column buffers_hit bigint,
  add column buffers_read bigint,
  add column lag_before_ms double precision,
  add column lag_after_ms double precision,
  add column code text,
  add column sqlstate text,
  add column attempt integer,
  add column worker text;
comment on table trifold.refreshes is 'The history: every refresh, rebuild and recompute of keys that has ended, with what it cost.';
comment on column trifold.refreshes.queued_at is 'When it was asked for; it started once it had its lock.';
comment on column trifold.refreshes.blockers is 'Who held the locks that it waited for: pid, application, query.';

create table trifold.minutes (
  minute timestamptz not null,
  target text not null,
  lag_ms double precision,
  events bigint not null default 0,
  keys bigint not null default 0,
  primary key (minute, target)
);
comment on table trifold.minutes is 'The greatest lag of each target in each minute, and the events and keys that were applied in it.';

-- Down Migration

drop table trifold.minutes;
delete from trifold.refreshes where cause = 'recompute' or mode in ('copy', 'keys');
alter table trifold.refreshes
  drop constraint refreshes_cause_check,
  drop constraint refreshes_mode_check,
  add constraint refreshes_cause_check check (cause in ('rebuild', 'schedule', 'manual')),
  add constraint refreshes_mode_check check (mode in ('concurrently', 'blocking')),
  drop column queued_at,
  drop column lock_wait_ms,
  drop column blockers,
  drop column rows_inserted,
  drop column rows_changed,
  drop column rows_deleted,
  drop column wal_bytes,
  drop column buffers_hit,
  drop column buffers_read,
  drop column lag_before_ms,
  drop column lag_after_ms,
  drop column code,
  drop column sqlstate,
  drop column attempt,
  drop column worker;
