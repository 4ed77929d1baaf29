import type pg from 'pg'

/** Waits for the appends that are under way and keeps others out until the transaction ends; reads go on. */
export async function lockOutbox(client: pg.ClientBase): Promise<void> {
  await client.query('lock table trifold.outbox in exclusive mode')
}
