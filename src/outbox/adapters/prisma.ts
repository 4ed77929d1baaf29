import { TrifoldError } from '../../errors.ts'
import type { Executor } from '../../executor.ts'

/** The part of a Prisma transaction that the adapter uses; no import of the ORM is needed. */
export interface PrismaTransaction {
  $queryRawUnsafe<Rows>(text: string, ...params: unknown[]): PromiseLike<Rows>
  /** What the client has and a transaction has not. */
  $disconnect?: never
}

/**
 * An executor inside an interactive Prisma transaction (7.x, PostgreSQL through `@prisma/adapter-pg`): call it with the
 * `tx` of `prisma.$transaction(async (tx) => ...)`, or of a nested one, after the rows were written.
 *
 * @throws TRANSACTION_MISSING by each query if it was given the client in place of a transaction; Prisma's own error
 * after the transaction has ended
 */
export function prismaExecutor(tx: PrismaTransaction): Executor {
  return {
    async query(text, params = []) {
      if (tx.$disconnect !== undefined) throw noTransaction()
      return { rows: await tx.$queryRawUnsafe<Record<string, unknown>[]>(text, ...params) }
    },
  }
}

function noTransaction(): TrifoldError {
  return new TrifoldError(
    'TRANSACTION_MISSING',
    'outbox: a Prisma client is no transaction; use prismaExecutor inside prisma.$transaction(async (tx) => ...), with its tx',
  )
}
