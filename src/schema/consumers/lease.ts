import type pg from 'pg'
import { detachedSince } from '../detachments.ts'

/** What of a lease its statements name. */
export interface Leased {
  generation: { id: string }
  epoch: number
}

/** Who has the lease of a generation's cursor, or had it last. */
export interface Holder {
  epoch: string
  held: string
  /** Whether the generation serves and its read model is detached: nobody may move the cursor then. */
  detached: string
  handlers_version: string
  /** Null if the lease was given back. */
  owner: string | null
  backend_pid: string | null
  backend_start: string | null
  failure: string | null
  attempt: string | null
}

/** @param leaseMilliseconds how long a lease lasts: a transaction in which that long nothing was done holds none */
export async function readHolder(
  client: pg.ClientBase,
  generationId: string,
  leaseMilliseconds: number,
): Promise<Holder | undefined> {
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
      exists (
        select
        from trifold.generations as generation
        where generation.id = generation_id
          and generation.state = 'serving'
          and ${detachedSince('generation.target')} is not null
      ) as detached,
      handlers_version,
      owner,
      backend_pid,
      backend_start,
      failure,
      attempt
    from trifold.consumers
    where generation_id = $1`,
    [generationId, `${leaseMilliseconds} milliseconds`],
  )
  return rows[0]
}

/**
 * A query: the backend of a lease's owner, if its transaction has the row of the lease locked. `xmax` is that transaction as
 * long as it is neither committed nor rolled back. Parameters: `$1` the generation, `$2` and `$3` id and start of the backend;
 * the start tells it from a later one with the same id.
 */
export const blockingBackend = `
  select backend.pid
  from trifold.consumers
  join pg_locks as lock
    on lock.locktype = 'transactionid'
    and lock.granted
    and lock.transactionid = consumers.xmax
  join pg_stat_activity as backend on backend.pid = lock.pid
  where generation_id = $1::bigint
    and backend.pid = $2::integer
    and backend.pid <> pg_backend_pid()
    and backend.backend_start = $3::timestamptz`

/** Who takes a lease, and for how long. The backend of the connection is recorded with it. */
export interface NextOwner {
  owner: string
  handlersVersion: number
  leaseMilliseconds: number
}

/** Gives the lease to its next owner under the next epoch. Undefined if the epoch is not that of `holder` any more. */
export async function raiseEpoch(
  client: pg.ClientBase,
  generationId: string,
  holder: Pick<Holder, 'epoch'>,
  { owner, handlersVersion, leaseMilliseconds }: NextOwner,
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
    [generationId, holder.epoch, owner, handlersVersion, leaseMilliseconds],
  )
  return rows[0] && Number(rows[0].epoch)
}

/** Prolongs a lease. @returns false if it is lost */
export async function prolongLease(client: pg.ClientBase, lease: Leased, milliseconds: number): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'trifold_renew_lease',
    text: `
      update trifold.consumers
      set lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond'
      where generation_id = $1::bigint
        and epoch = $2::bigint`,
    values: [lease.generation.id, lease.epoch, milliseconds],
  })
  return rowCount === 1
}

/** Gives a lease back, so that the next consumer need not wait for it to run out. */
export async function releaseLease(client: pg.ClientBase, lease: Leased): Promise<void> {
  await client.query(
    `update trifold.consumers
    set lease_until = '-infinity', owner = null, backend_pid = null, backend_start = null, attempt = null
    where generation_id = $1
      and epoch = $2`,
    [lease.generation.id, lease.epoch],
  )
}

/** Ends every lease: each owner finds out at its next step, and takes the lease again. */
export async function endLeases(client: pg.ClientBase): Promise<void> {
  await client.query(`
    update trifold.consumers
    set
      epoch = epoch + 1,
      version = version + 1,
      lease_until = '-infinity',
      owner = null,
      backend_pid = null,
      backend_start = null`)
}

/** Why a target stopped, as `consumers.failure` keeps it. */
export interface Failure {
  code: string
  message: string
  /** Ordinal and position of the event, if one event is to blame. */
  ordinal?: number
  position?: number
  type?: string
  aggregate?: string
  /** Of the handlers, if the event ends the process: these do not get it again, unless the target is resumed. */
  handlersVersion?: number
  at: string
}

/** Keeps why the target stopped, and gives the lease back. */
export async function stopConsumer(client: pg.ClientBase, lease: Leased, failure: Failure): Promise<void> {
  await client.query(
    `update trifold.consumers
    set
      failure = $3,
      lease_until = '-infinity',
      owner = null,
      backend_pid = null,
      backend_start = null,
      attempt = null
    where generation_id = $1
      and epoch = $2`,
    [lease.generation.id, lease.epoch, JSON.stringify(failure)],
  )
}
