import { TrifoldError } from '../../errors.ts'
import type { Executor } from '../../executor.ts'
import { isIdle } from '../transaction.ts'

/** The part of a Drizzle transaction that the adapter uses; no import of the ORM is needed. */
export interface DrizzleTransaction {
  execute(query: { getSQL(): never }): PromiseLike<{ rows: Record<string, unknown>[] }>
  /** What a transaction has and the database object has not. */
  rollback(): never
}

/**
 * An executor inside a Drizzle transaction (0.45, `drizzle-orm/node-postgres`): call it with the `tx` of
 * `db.transaction(...)`, or of a nested one, after the rows were written.
 *
 * @throws TRANSACTION_MISSING by each query if it was given the database object in place of a transaction, or one that has
 * ended
 */
export function drizzleExecutor(tx: DrizzleTransaction): Executor {
  const lent = lendingOf(tx)
  return {
    async query(text, params = []) {
      if (typeof tx.rollback !== 'function' || isIdle(clientOf(tx)) || lendingOf(tx) !== lent) throw noTransaction()
      const { rows } = await tx.execute({ getSQL: () => compiled(text, params) })
      return { rows }
    },
  }
}

/** Drizzle does not tell when a transaction has ended, but the client of the driver does. */
const clientOf = (tx: object) => (tx as { session?: { client?: { release?: unknown } } }).session?.client

/** A pool makes another `release` each time that it lends a client: with a new one it works for somebody else. */
const lendingOf = (tx: object): unknown => clientOf(tx)?.release

/** The text goes to the driver as it is: Drizzle asks a statement for its SQL and parameters by this one method. */
function compiled(sql: string, params: unknown[]): never {
  return { toQuery: () => ({ sql, params }) } as never
}

function noTransaction(): TrifoldError {
  return new TrifoldError(
    'TRANSACTION_MISSING',
    'outbox: Drizzle is not in a transaction, or it has ended; use drizzleExecutor inside db.transaction(...), with its tx',
  )
}
