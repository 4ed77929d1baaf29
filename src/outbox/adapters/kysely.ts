import { TrifoldError } from '../../errors.ts'
import type { Executor } from '../../executor.ts'

/** The part of a Kysely transaction that the adapter uses; no import of the query builder is needed. */
export interface KyselyTransaction {
  readonly isTransaction: true
  withoutPlugins(): {
    executeQuery(query: KyselyStatement): Promise<{ rows: unknown[] }>
  }
}

/** A compiled statement, as Kysely's drivers take it. */
interface KyselyStatement {
  sql: string
  parameters: readonly unknown[]
  query: { kind: 'RawNode'; sqlFragments: string[]; parameters: [] }
  queryId: { queryId: string }
}

/**
 * An executor inside a Kysely transaction (0.28, PostgreSQL dialect): call it with the `trx` of
 * `db.transaction().execute(...)` or of a controlled transaction, after the rows were written. Plugins do not see its
 * statements, so none renames their columns.
 *
 * @throws TRANSACTION_MISSING by each query if it was given the database object in place of a transaction; Kysely's own
 * error after the transaction has ended
 */
export function kyselyExecutor(trx: KyselyTransaction): Executor {
  return {
    async query(text, params = []) {
      if (!trx.isTransaction) throw noTransaction()
      const { rows } = await trx.withoutPlugins().executeQuery(statement(text, params))
      return { rows: rows as Record<string, unknown>[] }
    },
  }
}

function statement(sql: string, parameters: unknown[]): KyselyStatement {
  const query: KyselyStatement['query'] = { kind: 'RawNode', sqlFragments: [sql], parameters: [] }
  return { sql, parameters, query, queryId: { queryId: 'trifold' } }
}

function noTransaction(): TrifoldError {
  return new TrifoldError(
    'TRANSACTION_MISSING',
    'outbox: a Kysely database is not a transaction; use kyselyExecutor inside db.transaction().execute(...), with its trx',
  )
}
