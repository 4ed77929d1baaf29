import type pg from 'pg'
import type { Connection } from './connection.ts'

/** Where a kit keeps the read models whose handlers it tests. */
export type KitTargetName = 'memory' | 'table' | 'search'

/** How a test kit is opened. */
export interface TestKitOptions<Tx> {
  /**
   * PostgreSQL: the address of any database of the server, with a role that may create databases. Default: `database` of the
   * configuration, then the environment's DATABASE_URL.
   */
  database?: string
  /** The name of a database that the kit's own is copied from; nobody may be connected to that one meanwhile. */
  template?: string
  /**
   * Makes the schema of the application: by statements on `client`, or by its migrations on `databaseUrl`. Tables in which
   * it leaves rows keep them when the kit is cleared.
   */
  prepare?: (client: pg.ClientBase, databaseUrl: string) => unknown
  /** Writes the rows that are there before every test: after `prepare`, and again whenever the kit is cleared. */
  seed?: (client: pg.ClientBase) => unknown
  /** Where the read models are kept; `table` and `search` only for those that have such a target. Default: in memory. */
  targets?: readonly KitTargetName[]
  /**
   * How the application runs transactions, with an ORM for example; default: on clients of `pg`. What `transaction` gives to
   * its work is what steps and commands get.
   */
  connect?: (databaseUrl: string) => Connection<Tx> | Promise<Connection<Tx>>
}
