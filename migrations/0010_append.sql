-- Up Migration

-- One call of one expression: PL/pgSQL keeps the plans of its statements for as long as the session lives, whatever the
-- driver or ORM does with statements. It runs with the rights of the caller: an application needs no others than before.
-- `with ordinality` keeps the order of the list: positions are allocated in it. There is no `returning`: it would need the
-- right to read the outbox. Sequences are read outside of the caller's snapshot, and in the statement that locks the outbox, not
-- before: an append that waits for the beginning of an era belongs to it.
create function trifold.append(events json) returns text
language plpgsql
as $$
begin
  insert into trifold.outbox (era, id, type, aggregate, payload, trace)
  select
    era.last_value,
    coalesce((event.value ->> 'id')::uuid, gen_random_uuid()),
    event.value ->> 'type',
    event.value ->> 'aggregate',
    event.value -> 'payload',
    event.value ->> 'trace'
  from trifold.era
  cross join json_array_elements(events) with ordinality as event (value, place)
  order by event.place;
  return (select last_value from trifold.era) || '-'
    || (select to_hex(last_value) from trifold.era_nonce) || '.' || pg_current_xact_id();
end
$$;
comment on function trifold.append(json) is 'Appends events to the outbox, and returns the commit token of the transaction.';
grant execute on function trifold.append(json) to public;

-- Down Migration

drop function trifold.append(json);
