import { TrifoldError } from '../errors.ts'
import type { Executor } from '../executor.ts'

/** What clients of `pg` (8.16 and newer) report about their session: `I` is idle, in no transaction. */
interface TellingClient {
  getTransactionStatus?(): unknown
}

/** Whether a client of the driver says that no transaction is open on it. */
export const isIdle = (client: unknown): boolean =>
  (client as TellingClient | undefined)?.getTransactionStatus?.() === 'I'

/**
 * Refuses what is known to be in no transaction: a pool, and a client of `pg` before its `begin` was awaited or after its
 * end. Adapters look for themselves; an executor of the application's own is taken at its word.
 *
 * @throws TRANSACTION_MISSING
 */
export function expectTransaction(executor: Executor): void {
  if ('totalCount' in executor) throw noTransaction('a pool runs each statement on any of its connections')
  if (isIdle(executor)) throw noTransaction('the client is not in a transaction, or it has ended')
}

const noTransaction = (reason: string): TrifoldError =>
  new TrifoldError(
    'TRANSACTION_MISSING',
    `outbox: ${reason}; take one client, await its "begin", write the rows and append before "commit"`,
  )
