-- Up Migration

-- Events that a target could not take, and the keys whose rows are not known to be right because of them. Workers of the
-- version before know neither table: they stop at such an event, as they did.
create table trifold.parked (
  id bigint generated always as identity primary key,
  target text not null,
  generation_id bigint not null references trifold.generations (id) on delete cascade,
  window_id bigint not null,
  ordinal bigint not null,
  position bigint not null,
  type text not null,
  version smallint not null,
  aggregate text not null,
  payload json not null,
  appended_at timestamptz not null,
  code text not null,
  message text not null,
  handlers_version integer not null,
  parked_at timestamptz not null default clock_timestamp(),
  unique (generation_id, ordinal)
);
comment on table trifold.parked is 'Events that a target went past without their handler. Their payloads are copies, which expire.';

create table trifold.suspect_keys (
  parked_id bigint not null references trifold.parked (id) on delete cascade,
  generation_id bigint not null references trifold.generations (id) on delete cascade,
  key text,
  reason text
);
create unique index suspect_keys_parked on trifold.suspect_keys (parked_id, key);
create index suspect_keys_generation on trifold.suspect_keys (generation_id);
comment on table trifold.suspect_keys is 'Keys that a parked event may have changed, until they are recomputed; null means every key of the target.';
comment on column trifold.suspect_keys.reason is 'Why the row that the definition gives now cannot be kept either.';

-- Down Migration

drop table trifold.suspect_keys;
drop table trifold.parked;
