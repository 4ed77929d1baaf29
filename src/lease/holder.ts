import type pg from 'pg'
import { blockingBackend, type Holder } from '../schema/consumers.ts'

/**
 * Ends the owner's backend if it has the row of the lease locked, and waits until it is gone: the owner does not go on, and
 * would keep the takeover waiting. A backend that blocks nothing is left alone, as other leases may be kept by it.
 */
export async function endBackend(client: pg.ClientBase, generationId: string, holder: Holder): Promise<void> {
  if (holder.backend_pid === null) return
  await client.query(`select pg_terminate_backend(pid, 5000) from (${blockingBackend}) as blocking`, [
    generationId,
    holder.backend_pid,
    holder.backend_start,
  ])
}
