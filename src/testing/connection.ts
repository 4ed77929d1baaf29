import pg from 'pg'
import { inTransaction } from '../database.ts'

/** How the application of a test runs its transactions. */
export interface Connection<Tx> {
  /**
   * Runs `work` in a transaction of the application: commits once it has ended, rolls back if it throws. Several may be
   * open at once.
   */
  transaction(work: (tx: Tx) => Promise<void>): Promise<unknown>
  /** Gives all connections back. */
  close(): Promise<void>
}

/** Transactions on clients of `pg`, with the driver's own type parsers. */
export function pgConnection(databaseUrl: string): Connection<pg.PoolClient> {
  const pool = new pg.Pool({ connectionString: databaseUrl, application_name: 'trifold test kit' })
  pool.on('error', () => {}) // an idle connection that breaks is replaced at the next use
  pool.on('connect', (client) => client.on('error', () => {})) // the statement that is running reports it
  return {
    async transaction(work) {
      const client = await pool.connect()
      try {
        await inTransaction(client, () => work(client))
      } finally {
        client.release()
      }
    },
    close: () => pool.end(),
  }
}
