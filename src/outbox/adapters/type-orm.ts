import { TrifoldError } from '../../errors.ts'
import type { Executor } from '../../executor.ts'

/** The part of TypeORM's query runner that the adapter uses; no import of the ORM is needed. */
export interface TypeOrmQueryRunner {
  readonly isTransactionActive: boolean
  query(text: string, params: unknown[], useStructuredResult: true): Promise<{ records: Record<string, unknown>[] }>
}

/** TypeORM's entity manager: `dataSource.transaction(...)` hands out one that has a query runner. */
export interface TypeOrmEntityManager {
  readonly queryRunner?: TypeOrmQueryRunner
}

/**
 * An executor inside a TypeORM transaction (1.x, PostgreSQL): call it with the manager of `dataSource.transaction(...)`
 * or with a query runner that has started a transaction, after the rows were saved.
 *
 * @throws TRANSACTION_MISSING by each query while no transaction is active
 */
export function typeOrmExecutor(transaction: TypeOrmQueryRunner | TypeOrmEntityManager): Executor {
  return {
    async query(text, params = []) {
      const runner = 'isTransactionActive' in transaction ? transaction : transaction.queryRunner
      if (!runner?.isTransactionActive) throw noTransaction()
      const { records } = await runner.query(text, params, true)
      return { rows: records }
    },
  }
}

function noTransaction(): TrifoldError {
  return new TrifoldError(
    'TRANSACTION_MISSING',
    'outbox: TypeORM is not in a transaction; use typeOrmExecutor inside dataSource.transaction(...), with its manager',
  )
}
