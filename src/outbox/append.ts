import type { Executor } from '../executor.ts'
import { insertEvents } from '../schema/outbox/append.ts'
import { checkEvents } from './check-events.ts'
import type { EventRegistry, NewEvent } from './events.ts'
import { type CommitToken, token } from './token.ts'
import { expectTransaction } from './transaction.ts'

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
  return insertEvents(executor, list)
}
