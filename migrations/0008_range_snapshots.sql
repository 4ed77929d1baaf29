-- Up Migration

-- The key ranges that a rebuild has copied. Workers of the version before do not know them, and need not: a generation
-- serves only once it has passed the snapshots of all its ranges.
create table trifold.range_snapshots (
  generation_id bigint not null references trifold.generations (id) on delete cascade,
  number integer not null,
  after_key text[],
  up_to_key text[],
  snapshot pg_snapshot not null,
  row_count bigint not null,
  copied_at timestamptz not null default clock_timestamp(),
  primary key (generation_id, number)
);
comment on table trifold.range_snapshots is 'The key ranges that a build has copied, each with its snapshot: later events already visible in it are dropped for the keys of the range.';
comment on column trifold.range_snapshots.number is 'The place of the range in the order of the keys.';
comment on column trifold.range_snapshots.after_key is 'The range begins behind it: the first columns of the key, as PostgreSQL writes them. Null: it begins with the first row.';
comment on column trifold.range_snapshots.up_to_key is 'The range ends with it. Null: it has no end.';

alter table trifold.generations
  add column builder text,
  add column builder_version integer;
comment on column trifold.generations.builder is 'Who copies its ranges: whoever continues an interrupted build writes another name, and the one before copies no more.';
comment on column trifold.generations.builder_version is 'The version of the handlers with which its ranges were begun.';

-- Down Migration

alter table trifold.generations drop column builder, drop column builder_version;
drop table trifold.range_snapshots;
