import type pg from 'pg'
import type { Snapshot } from '../../snapshot.ts'
import type { Window } from '../windows.ts'

/** How {@link awaitEvents} looks, in milliseconds. */
export interface Wait {
  /** For how long at most. */
  atMost: number
  /** From the first look to the next; it grows up to 50, or is as long as this. */
  pause: number
}

/**
 * Waits in the server until something may follow the window `newest`, or for some milliseconds.
 *
 * @param since as in `readHead`
 * @param client outside of a transaction: the procedure ends its own between two looks
 */
export async function awaitEvents(
  client: pg.ClientBase,
  newest: Window,
  since: Snapshot,
  { atMost, pause }: Wait,
): Promise<void> {
  await client.query({
    name: 'trifold_await_events',
    text: 'call trifold.await_events($1::bigint, $2::xid8, $3::xid8[], $4::bigint, $5::integer, $6::double precision)',
    values: [newest.id, since.xmax, [...since.xip], newest.era, Math.ceil(atMost), pause / 1_000],
  })
}
