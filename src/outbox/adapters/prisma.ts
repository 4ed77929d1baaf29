import { TrifoldError } from '../../errors.ts'
import type { Executor } from '../../executor.ts'

/** The part of a Prisma transaction that the adapter uses; no import of the ORM is needed. */
export interface PrismaTransaction {
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>
  /** What a client has and a transaction has not. */
  readonly $disconnect?: never
}

/**
 * An executor inside an interactive Prisma transaction (7.x, driver adapter `@prisma/adapter-pg`): call it with the `tx` of
 * `prisma.$transaction(async (tx) => ...)`, or of a nested one, after the rows were written.
 *
 * @throws TRANSACTION_MISSING by each query if it was given the client in place of a transaction; Prisma's own error after the
 * transaction has ended
 */
export function prismaExecutor(tx: PrismaTransaction): Executor {
  return {
    async query(text, params = []) {
      if (tx.$disconnect !== undefined) throw noTransaction()
      const rows = await tx.$queryRawUnsafe(text, ...params)
      return { rows: rows as Record<string, unknown>[] }
    },
  }
}

function noTransaction(): TrifoldError {
  return new TrifoldError(
    'TRANSACTION_MISSING',
    'outbox: a Prisma client is not a transaction; use prismaExecutor inside prisma.$transaction(...), with its tx',
  )
}
