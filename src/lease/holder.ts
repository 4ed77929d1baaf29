import type pg from 'pg'
import type { Generation } from '../generation.ts'
import { leaseMilliseconds } from './time.ts'

/** Who has the lease of a generation's cursor, or had it last. */
export interface Holder {
  epoch: string
  held: string
  handlers_version: string
  backend_pid: string | null
  backend_start: string | null
}

export async function readHolder(client: pg.ClientBase, generation: Generation): Promise<Holder | undefined> {
  const { rows } = await client.query<Holder & pg.QueryResultRow>(
    `select
      epoch,
      exists (
        select
        from pg_stat_activity as backend
        where backend.pid = consumers.backend_pid
          and backend.pid <> pg_backend_pid()
          and backend.backend_start = consumers.backend_start
          and (
            lease_until > clock_timestamp()
            or (backend.state = 'active' and backend.wait_event_type is distinct from 'Client')
            or (backend.xact_start is not null and backend.state_change > clock_timestamp() - $2::interval)
          )
      ) as held,
      handlers_version,
      backend_pid,
      backend_start
    from trifold.consumers
    where generation_id = $1`,
    [generation.id, `${leaseMilliseconds} milliseconds`],
  )
  return rows[0]
}

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

export async function raiseEpoch(
  client: pg.ClientBase,
  generation: Generation,
  holder: Holder,
  owner: string,
  handlersVersion: number,
): Promise<number | undefined> {
  const { rows } = await client.query(
    `update trifold.consumers
    set
      epoch = epoch + 1,
      version = version + 1,
      owner = $3,
      handlers_version = $4,
      backend_pid = pg_backend_pid(),
      backend_start = (select backend_start from pg_stat_activity where pid = pg_backend_pid()),
      lease_until = clock_timestamp() + $5::bigint * interval '1 millisecond'
    where generation_id = $1
      and epoch = $2
    returning epoch`,
    [generation.id, holder.epoch, owner, handlersVersion, leaseMilliseconds],
  )
  return rows[0] && Number(rows[0].epoch)
}
