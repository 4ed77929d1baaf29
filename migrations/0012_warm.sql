-- Up Migration

-- The generation before may follow after a rebuild, so that it can serve again at once. Workers of the version before
-- know nothing of it: they drop it with their next rebuild, and lose nothing.
alter table trifold.generations
  add column definition text,
  add column warm_until timestamptz,
  add column cold_reason text;
comment on column trifold.generations.definition is 'The SELECT that it was built from. Generations of earlier versions do not tell.';
comment on column trifold.generations.warm_until is 'Until when it follows after another generation has taken its place: it can serve again.';
comment on column trifold.generations.cold_reason is 'Why it stopped to follow before that.';

-- Down Migration

alter table trifold.generations
  drop column definition,
  drop column warm_until,
  drop column cold_reason;
