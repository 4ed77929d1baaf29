-- Up Migration

-- For the application's own consumers of a broker: which events they have handled. The row is written in the transaction of
-- what the event caused. Workers of the version before neither write nor read it.
create table trifold.inbox (
  consumer text not null,
  event_id uuid not null,
  received_at timestamptz not null default clock_timestamp(),
  primary key (consumer, event_id)
);
-- The times only grow, so that it costs little: each row goes to its end.
create index inbox_received_at on trifold.inbox (received_at);
comment on table trifold.inbox is 'The events that a consumer of a broker has handled. Rows go after the configured inbox.retain.';

-- Down Migration

drop table trifold.inbox;
