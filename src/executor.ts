/**
 * The port through which Trifold joins a transaction of the application: one method, positional parameters (`$1`),
 * rows as objects. A client of `pg` is an executor as it is; ORMs enter through the adapters in `outbox/adapters/`.
 */
export interface Executor {
  /** Runs one statement in the transaction, and returns its rows as objects by column name. */
  query(text: string, params?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
}
