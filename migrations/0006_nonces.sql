-- Up Migration

-- The same dump restored twice begins the same era twice, so commit tokens carry a random value of their era as well. It is
-- a sequence for the same reason as `trifold.era`, and the default sets it when an era is stored: workers of the version
-- before, which know nothing of it, begin eras with one too.
create sequence trifold.era_nonce as bigint minvalue 1 start 1 cache 1;

-- Neither a default nor an update for the rows that are there: rewriting a row would look like a restored dump.
alter table trifold.history add column nonce bigint;
alter table trifold.history
  alter column nonce set default setval('trifold.era_nonce', 1 + ('x' || right(gen_random_uuid()::text, 12))::bit(48)::bigint);
comment on column trifold.history.nonce is 'What the commit tokens of the era carry; null if it began before tokens had one.';

select setval('trifold.era_nonce', 1 + ('x' || right(gen_random_uuid()::text, 12))::bit(48)::bigint);

-- Nothing was built here, so nobody has a token that has to be understood.
update trifold.history
set
  nonce = default,
  written_by = pg_current_xact_id()
where xmin = written_by::xid
  and not exists (select from trifold.generations);

-- Who may read the era may read this.
do $$
declare
  granted record;
begin
  for granted in
    select distinct grantee
    from pg_class
    cross join aclexplode(relacl)
    where oid = 'trifold.era'::regclass
      and privilege_type = 'SELECT'
      and grantee <> relowner
  loop
    execute format(
      'grant select on sequence trifold.era_nonce to %s',
      case when granted.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(granted.grantee)) end
    );
  end loop;
end
$$;

-- Down Migration

alter table trifold.history drop column nonce;
drop sequence trifold.era_nonce;
