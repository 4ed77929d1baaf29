import type pg from 'pg'
import type { Snapshot } from '../../snapshot.ts'
import type { Window } from '../windows.ts'

/**
 * Waits in the server until something may follow the window `newest`, or for some milliseconds. It looks first after 2 ms,
 * then ever more rarely, up to every 50 ms.
 *
 * @param since as in `readHead`
 * @param client outside of a transaction: the procedure ends its own between two looks
 */
export async function awaitEvents(
  client: pg.ClientBase,
  newest: Window,
  since: Snapshot,
  milliseconds: number,
): Promise<void> {
  await client.query({
    name: 'trifold_await_events',
    text: 'call trifold.await_events($1::bigint, $2::xid8, $3::xid8[], $4::bigint, $5::integer)',
    values: [newest.id, since.xmax, [...since.xip], newest.era, Math.ceil(milliseconds)],
  })
}
