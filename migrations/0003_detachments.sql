-- Up Migration

-- A new table and nothing else: workers of the version before run on beside it. They do not know it, so update every
-- worker before the first `trifold target detach`.
create table trifold.detachments (
  read_model text primary key,
  state text not null check (state in ('detaching', 'detached', 'attaching', 'attached')),
  detached_at timestamptz not null default clock_timestamp(),
  attached_at timestamptz,
  check ((state = 'attached') = (attached_at is not null))
);
comment on table trifold.detachments is 'Read models whose targets are held while a migration of the application runs, and those that were.';
comment on column trifold.detachments.state is 'detaching and attaching: under way, or interrupted; either command finishes it.';
comment on column trifold.detachments.attached_at is 'From then on a worker reads the definition again. Null while the read model is detached.';

-- Whoever may read what targets reflect may read whether they are held.
do $$
declare
  reader text;
begin
  for reader in
    select case acl.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end
    from pg_class as class
    cross join lateral aclexplode(class.relacl) as acl
    where class.oid = 'trifold.generations'::regclass
      and acl.privilege_type = 'SELECT'
      and acl.grantee <> class.relowner
  loop
    execute format('grant select on trifold.detachments to %s', reader);
  end loop;
end $$;

-- Down Migration

drop table trifold.detachments;
