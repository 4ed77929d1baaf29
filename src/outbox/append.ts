import type { Executor } from '../executor.ts'
import { checkEvents } from './check-events.ts'
import type { EventRegistry, NewEvent } from './events.ts'
import { type CommitToken, token } from './token.ts'
import { expectTransaction } from './transaction.ts'

// One JSON parameter, so that every driver and ORM binds it alike. `with ordinality` keeps the order of the list:
// positions are allocated in it. The era is read once, from its sequence, outside of the caller's snapshot. There is no
// `returning`: it would need the right to read the outbox.
const appendStatement = `
  with era as materialized (
    select last_value
    from trifold.era
  ), appended as (
    insert into trifold.outbox (era, id, type, aggregate, payload, trace)
    select
      era.last_value,
      coalesce((event.value ->> 'id')::uuid, gen_random_uuid()),
      event.value ->> 'type',
      event.value ->> 'aggregate',
      event.value -> 'payload',
      event.value ->> 'trace'
    from era
    cross join json_array_elements($1::json) with ordinality as event (value, place)
    order by event.place
  )
  select
    last_value::text as era,
    pg_current_xact_id()::text as xid
  from era`

/**
 * Appends events to the outbox inside the caller's own transaction: they become visible with it, or not at all.
 * Write the rows first (flush the unit of work), then append: an event that is appended before its row is locked can
 * take its place in front of the event of an earlier writer.
 *
 * @param executor the transaction's client, or an adapter around an ORM's transaction
 * @param events one event, or several in their order; with an empty list nothing is written, and the result is what
 * {@link token} returns
 * @returns the commit token of the transaction: a later read with `after` waits until its target shows it
 * @throws TRANSACTION_MISSING, EVENT_UNKNOWN, EVENT_INVALID before anything is written
 */
export async function append<Events extends EventRegistry>(
  executor: Executor,
  registry: Events,
  events: NewEvent<Events> | readonly NewEvent<Events>[],
): Promise<CommitToken> {
  expectTransaction(executor)
  const list = Array.isArray(events) ? events : [events]
  if (list.length === 0) return token(executor)
  checkEvents(registry, list)
  const { rows } = await executor.query(appendStatement, [JSON.stringify(list)])
  const { era, xid } = rows[0] as { era: string; xid: string }
  return `${era}.${xid}`
}
