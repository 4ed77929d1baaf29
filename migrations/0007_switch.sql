-- Up Migration

-- Which target requests go to if an operator has chosen it. Workers of the version before go on as they did: they point the
-- serving name where the configuration says.
alter table trifold.serving
  add column switched_to text,
  add column switched_at timestamptz;
comment on column trifold.serving.target is 'The target that the serving name shows in SQL.';
comment on column trifold.serving.switched_to is 'The target that an operator has chosen for requests that name none; it outranks the configuration.';

-- Down Migration

alter table trifold.serving
  drop column switched_to,
  drop column switched_at;
comment on column trifold.serving.target is null;
