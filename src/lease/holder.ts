import type pg from 'pg'
import type { Holder } from '../schema/consumers.ts'

/** Ends the owner's backend and waits until it is gone. The start time tells it from a later backend of the same id. */
export async function endBackend(client: pg.ClientBase, holder: Holder): Promise<void> {
  if (holder.backend_pid === null) return
  await client.query(
    `select pg_terminate_backend(pid, 5000)
    from pg_stat_activity
    where pid = $1::integer
      and pid <> pg_backend_pid()
      and backend_start = $2::timestamptz`,
    [holder.backend_pid, holder.backend_start],
  )
}
