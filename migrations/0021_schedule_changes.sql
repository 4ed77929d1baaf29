-- Up Migration

-- Who changed a schedule, and when: a trigger writes it, so changes of workers of the version before and those by hand are in it too.
-- Rows stay: they are few, and they are what is asked for a year later.
create table trifold.schedule_changes (
  id bigint generated always as identity primary key,
  target text not null,
  at timestamptz not null default clock_timestamp(),
  role text not null,
  application text not null,
  address inet,
  before jsonb,
  after jsonb
);
create index schedule_changes_target on trifold.schedule_changes (target, id);
comment on table trifold.schedule_changes is 'Every change of trifold.schedules: who, when, from which session.';
comment on column trifold.schedule_changes.role is 'The role that logged in.';
comment on column trifold.schedule_changes.address is 'Of the client; null through a local socket.';

-- With the rights of its owner: a role that may change a schedule need not be able to write here.
create function trifold.note_schedule_change() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  before constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - 'target' - 'updated_at' end;
  after constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - 'target' - 'updated_at' end;
begin
  if before is distinct from after then
    insert into trifold.schedule_changes (target, role, application, address, before, after)
    values (
      coalesce(new.target, old.target), session_user, coalesce(current_setting('application_name', true), ''),
      inet_client_addr(), before, after
    );
  end if;
  return null;
end
$$;
create trigger note_change after insert or update or delete on trifold.schedules
for each row execute function trifold.note_schedule_change();

-- Down Migration

drop trigger note_change on trifold.schedules;
drop function trifold.note_schedule_change();
drop table trifold.schedule_changes;
