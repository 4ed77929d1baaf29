import { TrifoldError } from '../../errors.ts'
import type { Executor } from '../../executor.ts'

/** The part of MikroORM's SQL entity manager that the adapter uses; no import of the ORM is needed. */
export interface MikroOrmEntityManager {
  getConnection(): {
    execute(sql: string, params?: unknown[], method?: 'all' | 'get' | 'run', ctx?: unknown): Promise<unknown>
  }
  getTransactionContext(): unknown
}

/**
 * An executor inside the transaction of a MikroORM entity manager (6.x, PostgreSQL): call it within
 * `em.transactional(...)`, after `em.flush()`. Parameters are text, numbers, booleans or null.
 *
 * @throws TRANSACTION_MISSING by each query while the entity manager has no transaction, or one that has ended
 */
export function mikroOrmExecutor(em: MikroOrmEntityManager): Executor {
  return {
    async query(text, params = []) {
      const transaction = em.getTransactionContext() as { isCompleted?(): boolean } | undefined
      if (transaction === undefined || transaction.isCompleted?.()) throw noTransaction()
      const { sql, bound } = withQuestionMarks(text, params)
      const rows = await em.getConnection().execute(sql, bound, 'all', transaction)
      return { rows: rows as Record<string, unknown>[] }
    },
  }
}

// A quoted text or name, a placeholder, or an operator's question mark.
const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)|\?/g

/**
 * MikroORM takes `?` for a placeholder and `\?` for the character, but leaves a statement without parameters as it is.
 * The blank keeps a placeholder apart from a question mark before it, where MikroORM would not see it.
 */
function withQuestionMarks(text: string, params: unknown[]): { sql: string; bound: unknown[] } {
  if (params.length === 0) return { sql: text, bound: [] }
  const bound: unknown[] = []
  const sql = text.replace(token, (found, place?: string) => {
    if (place === undefined) return found.replaceAll('?', '\\?')
    bound.push(params[Number(place) - 1])
    return ' ?'
  })
  return { sql, bound }
}

function noTransaction(): TrifoldError {
  return new TrifoldError(
    'TRANSACTION_MISSING',
    'outbox: the entity manager has no transaction, or it has ended; use mikroOrmExecutor inside em.transactional(...), with its own em',
  )
}
