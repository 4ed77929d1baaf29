import type pg from 'pg'
import { openClient } from '../../src/database.ts'

/**
 * A connection on which `clock_timestamp()` and `now()` are later than the clock by what {@link setLater} says: functions of
 * these names in a schema that is looked into before PostgreSQL's own.
 */
export async function openSimulated(url: string): Promise<pg.Client> {
  const client = await openClient(url, { name: 'simulated clock' })
  await client.query('create schema simulated')
  for (const name of ['clock_timestamp', 'now'])
    await client.query(
      `create function simulated.${name}() returns timestamptz language sql as $$
        select pg_catalog.clock_timestamp() + current_setting('simulated.later')::interval
      $$`,
    )
  await client.query('set search_path = simulated, pg_catalog, public')
  await setLater(client, 0)
  return client
}

/** @param milliseconds by which the clock is later */
export async function setLater(client: pg.Client, milliseconds: number): Promise<void> {
  await client.query(`select set_config('simulated.later', $1, false)`, [`${milliseconds} milliseconds`])
}
