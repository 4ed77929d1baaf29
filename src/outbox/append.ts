import type { Executor } from '../executor.ts'
import { checkPayload, type EventRegistry, type NewEvent } from './events.ts'
import { expectTransaction } from './transaction.ts'

// One JSON parameter, so that every driver and ORM binds it alike. `with ordinality` keeps the order of the list:
// positions are allocated in it. The era is read from its sequence, outside of the caller's snapshot.
const appendStatement = `
  insert into trifold.outbox (era, type, aggregate, payload)
  select
    (select last_value from trifold.era),
    event.value ->> 'type',
    event.value ->> 'aggregate',
    event.value -> 'payload'
  from json_array_elements($1::json) with ordinality as event (value, place)
  order by event.place`

/**
 * Appends events to the outbox inside the caller's own transaction: they become visible with it, or not at all.
 * Write the rows first (flush the unit of work), then append: an event that is appended before its row is locked can
 * take its place in front of the event of an earlier writer.
 *
 * @param executor the transaction's client, or an adapter around an ORM's transaction
 * @throws TRANSACTION_MISSING, EVENT_UNKNOWN, EVENT_INVALID before anything is written
 */
export async function append<Events extends EventRegistry>(
  executor: Executor,
  registry: Events,
  events: readonly NewEvent<Events>[],
): Promise<void> {
  expectTransaction(executor)
  if (events.length === 0) return
  for (const event of events) checkPayload(registry, event.type, event.payload)
  await executor.query(appendStatement, [JSON.stringify(events)])
}
