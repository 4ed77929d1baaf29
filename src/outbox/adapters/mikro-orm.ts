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
 * `em.transactional(...)`, after `em.flush()`. Its connection takes `?` placeholders, so `$1, $2, …` are translated.
 */
export function mikroOrmExecutor(em: MikroOrmEntityManager): Executor {
  return {
    async query(text, params = []) {
      const bound: unknown[] = []
      const sql = text.replaceAll('?', '\\?').replace(/\$(\d+)/g, (_, place) => {
        bound.push(params[Number(place) - 1])
        return '?'
      })
      const rows = await em.getConnection().execute(sql, bound, 'all', em.getTransactionContext())
      return { rows: rows as Record<string, unknown>[] }
    },
  }
}
