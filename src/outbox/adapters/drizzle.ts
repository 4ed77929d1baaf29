import { TrifoldError } from '../../errors.ts'
import type { Executor } from '../../executor.ts'

/** The part of a Drizzle transaction that the adapter uses; no import of the ORM is needed. */
export interface DrizzleTransaction {
  execute(query: { getSQL(): never }): PromiseLike<{ rows: Record<string, unknown>[] }>
  /** What a transaction has and the database object has not. */
  rollback(): never
}

/**
 * An executor inside a Drizzle transaction (0.45, `drizzle-orm/node-postgres`): call it with the `tx` of
 * `db.transaction(...)`, or of a nested one, after the rows were written. Use it before the transaction ends: Drizzle
 * does not tell when it has ended.
 *
 * @throws TRANSACTION_MISSING by each query if it was given the database object in place of a transaction
 */
export function drizzleExecutor(tx: DrizzleTransaction): Executor {
  return {
    async query(text, params = []) {
      if (typeof tx.rollback !== 'function') throw noTransaction()
      const { rows } = await tx.execute({ getSQL: () => compiled(text, params) })
      return { rows }
    },
  }
}

/** The text goes to the driver as it is: Drizzle asks a statement for its SQL and parameters by this one method. */
function compiled(sql: string, params: unknown[]): never {
  return { toQuery: () => ({ sql, params }) } as never
}

function noTransaction(): TrifoldError {
  return new TrifoldError(
    'TRANSACTION_MISSING',
    'outbox: a Drizzle database is no transaction; use drizzleExecutor inside db.transaction(...), with its tx',
  )
}
