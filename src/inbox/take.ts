import { hasHalfCharacter } from '../encoding/text.ts'
import { TrifoldError } from '../errors.ts'
import type { Executor } from '../executor.ts'
import { isUuid } from '../outbox/check-events.ts'
import { expectTransaction } from '../outbox/transaction.ts'
import { takeEvent } from '../schema/inbox.ts'

/** An index entry holds about 2,700 bytes. */
const longestConsumer = 200

/**
 * Notes in the caller's own transaction that a consumer has handled an event, for what a broker may deliver twice. Ask
 * first, and do nothing if the answer is false:
 *
 * ```ts
 * if (await inbox(client, event.id, 'invoices')) await writeInvoice(client, event)
 * ```
 *
 * While another transaction has the same event of the same consumer in hand it waits for its end: false if that committed,
 * true if it was rolled back. In a REPEATABLE READ or SERIALIZABLE transaction PostgreSQL ends it with a serialization
 * failure (40001) in place of false if the other committed meanwhile: run it again. Workers delete rows after `inbox.retain`.
 *
 * @param executor the transaction's client, or an adapter around an ORM's transaction
 * @param eventId the UUID of the event, in upper or lower case
 * @param consumer who handles it, in 1 to 200 characters; each consumer sees each event once
 * @returns true the first time, false for a duplicate
 * @throws TRANSACTION_MISSING, INBOX_INVALID before the transaction sees anything
 */
export async function inbox(executor: Executor, eventId: string, consumer: string): Promise<boolean> {
  expectTransaction(executor)
  if (!isUuid(eventId))
    throw invalid(`the event id ${shown(eventId)} is not a UUID; pass the id that the event carries`)
  if (!isConsumer(consumer)) {
    throw invalid(
      `${shown(consumer)} is no name of a consumer; pass a text of 1 to ${longestConsumer} characters, the same for all its processes`,
    )
  }
  return takeEvent(executor, consumer, eventId)
}

const isConsumer = (value: unknown): boolean =>
  typeof value === 'string' &&
  value.trim() !== '' &&
  value.length <= longestConsumer &&
  !value.includes('\0') &&
  !hasHalfCharacter(value)

const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 80)

const invalid = (fault: string): TrifoldError => new TrifoldError('INBOX_INVALID', `inbox: ${fault}`)
