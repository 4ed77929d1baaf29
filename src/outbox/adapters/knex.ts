import { TrifoldError } from '../../errors.ts'
import type { Executor } from '../../executor.ts'

/** The part of a Knex transaction that the adapter uses; no import of the query builder is needed. */
export interface KnexTransaction {
  isCompleted(): boolean
  client: { acquireConnection(): Promise<Executor> }
}

/**
 * An executor inside a Knex transaction (3.x, client `pg`): call it with the `trx` of `knex.transaction(...)`, or of a
 * nested one, after the rows were written.
 *
 * It runs on the connection of the transaction and not through `raw`, which has no way to write a backslash before a
 * question mark and hands its rows to `postProcessResponse`.
 *
 * @throws TRANSACTION_MISSING by each query if it was given no transaction, or one that has ended
 */
export function knexExecutor(trx: KnexTransaction): Executor {
  return {
    async query(text, params = []) {
      if (trx.isCompleted?.() ?? true) throw noTransaction()
      const connection = await trx.client.acquireConnection()
      const { rows } = await connection.query(text, params)
      return { rows }
    },
  }
}

function noTransaction(): TrifoldError {
  return new TrifoldError(
    'TRANSACTION_MISSING',
    'outbox: Knex is not in a transaction, or it has ended; use knexExecutor inside knex.transaction(...), with its trx',
  )
}
