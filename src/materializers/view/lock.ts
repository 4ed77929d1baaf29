import type pg from 'pg'

/** One key for refreshes and rebuilds of a target, so that only one of them runs at a time in the whole database. */
const keyOf = (target: string): string => `trifold refresh ${target}`

/** Takes the lock of the target until the transaction ends; false if a refresh or rebuild is running. Never waits. */
export async function lockTransaction(client: pg.ClientBase, target: string): Promise<boolean> {
  const { rows } = await client.query('select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked', [
    keyOf(target),
  ])
  return rows[0].locked === 't'
}

/** The same lock for several transactions: until the connection is closed. */
export async function lockSession(client: pg.ClientBase, target: string): Promise<boolean> {
  const { rows } = await client.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as locked', [keyOf(target)])
  return rows[0].locked === 't'
}
