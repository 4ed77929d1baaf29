-- Up Migration

-- Who did what in the console. Rows stay: people make few of them, and they are what is asked for a year later.
create table trifold.audit (
  id bigint generated always as identity primary key,
  actor text not null,
  action text not null,
  subject text not null,
  at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  outcome text check (outcome in ('done', 'failed')),
  detail text,
  check ((outcome is null) = (ended_at is null))
);
comment on table trifold.audit is 'What operators did in the console.';
comment on column trifold.audit.actor is 'The name of the key.';
comment on column trifold.audit.subject is 'A target, or the id of a parked event.';
comment on column trifold.audit.outcome is 'Null while it is under way, and for ever if its server was killed meanwhile.';

-- Down Migration

drop table trifold.audit;
