-- Up Migration

-- One row a comparison of a target with its definition. Workers of the version before know nothing of it, and lose nothing.
create table trifold.verifications (
  id bigint generated always as identity primary key,
  target text not null,
  generation_id bigint references trifold.generations (id) on delete set null,
  cause text not null check (cause in ('manual', 'continuous')),
  sampled boolean not null,
  after_key jsonb,
  up_to_key jsonb,
  share double precision not null,
  row_count bigint not null,
  differences bigint not null,
  repaired bigint not null,
  examples jsonb not null,
  snapshot pg_snapshot not null,
  started_at timestamptz not null,
  finished_at timestamptz not null default clock_timestamp()
);
create index verifications_target on trifold.verifications (target, finished_at desc);
comment on table trifold.verifications is 'The comparisons of targets with their definitions: when, which keys, how many rows, what differed and what was repaired.';
comment on column trifold.verifications.sampled is 'Whether its ranges were taken at random; else it is one range, behind after_key up to and with up_to_key, each null at an end.';
comment on column trifold.verifications.share is 'The share of the rows of the target that were compared, from 0 to 1.';

-- Down Migration

drop table trifold.verifications;
