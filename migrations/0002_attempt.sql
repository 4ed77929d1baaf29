-- Up Migration

-- Quick however large the table is. Workers of the version before do not know the column: run it first, then deploy.
alter table trifold.consumers add column attempt jsonb;
comment on column trifold.consumers.attempt is 'The page that is being tried after its consumer ended without giving the lease back: its first event, how many it has, how often that one event was tried alone.';

-- Down Migration

alter table trifold.consumers drop column attempt;
