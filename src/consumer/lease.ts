import type pg from 'pg'
import { TrifoldError } from '../errors.ts'
import { faultPoint } from '../fault.ts'
import type { Cursor } from '../feed/page.ts'
import { parseSnapshot, type Snapshot } from '../feed/snapshot.ts'
import type { Generation } from '../generation.ts'
import { leaseMilliseconds } from './lease-time.ts'

/** The right to move one cursor, held by one consumer at a time. */
export interface Lease {
  generation: Generation
  owner: string
  /** Raised by every takeover; every write of the target checks it. */
  epoch: number
  /** Raised by every write of the target's rows or cursor. */
  version: number
  cursor: Cursor
  /** The snapshot at which the generation was filled. */
  fillSnapshot: Snapshot | undefined
  /** Keys (in the form of `keyText`) that were recomputed at a snapshot which the cursor has not covered yet. */
  rowSnapshots: Map<string, Snapshot>
}

interface Holder {
  epoch: string
  held: string
  handlers_version: string
  backend_pid: string | null
  backend_start: string | null
}

/**
 * Takes the lease of a generation's cursor, or returns undefined while another consumer holds it: as long as it renews
 * it and its connection stands. Without the connection it cannot move the cursor, and its late writes to an index lose
 * against the new epoch. A transaction that goes on holds the lease as well: it may compute or wait for a lock for longer
 * than a lease, the row of the lease is its own meanwhile, and the next owner could only begin it again. That of a frozen
 * owner does not go on: its statement ends, and no other follows.
 *
 * The order matters. The backend of an owner whose lease ran out is ended first: a frozen owner keeps its row locks.
 * Then the epoch is raised in a statement of its own, which waits for an apply that is still running; the cursor is read
 * only after that.
 *
 * @param client the connection that will apply: its backend is recorded
 * @throws HANDLERS_OUTDATED where a worker with newer handlers has run the target
 */
export async function takeLease(
  client: pg.ClientBase,
  generation: Generation,
  owner: string,
  handlersVersion: number,
): Promise<Lease | undefined> {
  const holder = await readHolder(client, generation)
  if (!holder) return undefined
  if (Number(holder.handlers_version) > handlersVersion) throw outdated(generation, holder, handlersVersion)
  if (holder.held === 't') return undefined
  await faultPoint('lease:free')
  await endBackend(client, holder)
  await faultPoint('lease:backend-ended')
  const epoch = await raiseEpoch(client, generation, holder, owner, handlersVersion)
  await faultPoint('lease:raised')
  return epoch === undefined ? undefined : await readLease(client, generation, owner, epoch)
}

/**
 * Takes the lease from whoever holds it, and does not wait: that consumer finds out at its next apply. One that is applying
 * a page in PostgreSQL ends it first.
 *
 * @returns undefined where the generation has no cursor
 */
export async function seizeLease(
  client: pg.ClientBase,
  generation: Generation,
  owner: string,
): Promise<Lease | undefined> {
  const holder = await readHolder(client, generation)
  if (!holder) return undefined
  const epoch = await raiseEpoch(client, generation, holder, owner, Number(holder.handlers_version))
  return epoch === undefined
    ? seizeLease(client, generation, owner) // somebody else has just taken it
    : readLease(client, generation, owner, epoch)
}

async function readHolder(client: pg.ClientBase, generation: Generation): Promise<Holder | undefined> {
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
async function endBackend(client: pg.ClientBase, holder: Holder): Promise<void> {
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

async function raiseEpoch(
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

async function readLease(
  client: pg.ClientBase,
  generation: Generation,
  owner: string,
  epoch: number,
): Promise<Lease | undefined> {
  const { rows } = await client.query(
    `select era, window_id, position, number, version
    from trifold.consumers
    where generation_id = $1
      and epoch = $2`,
    [generation.id, epoch],
  )
  const row = rows[0] as Record<string, string | null> | undefined
  if (!row) return undefined
  const remembered = await client.query(
    `select key, snapshot::text from trifold.row_snapshots where generation_id = $1`,
    [generation.id],
  )
  return {
    generation,
    owner,
    epoch,
    version: Number(row.version),
    cursor: {
      era: Number(row.era),
      window: Number(row.window_id),
      position: row.position === null ? undefined : Number(row.position),
      number: Number(row.number),
    },
    fillSnapshot: generation.fillSnapshot === undefined ? undefined : parseSnapshot(generation.fillSnapshot),
    rowSnapshots: new Map(remembered.rows.map((one) => [one.key as string, parseSnapshot(one.snapshot as string)])),
  }
}

/** Prolongs the lease. Returns false where it is lost. */
export async function renewLease(client: pg.ClientBase, lease: Lease): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'trifold_renew_lease',
    text: `
      update trifold.consumers
      set lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond'
      where generation_id = $1::bigint
        and epoch = $2::bigint`,
    values: [lease.generation.id, lease.epoch, leaseMilliseconds],
  })
  return rowCount === 1
}

/** Renews the lease while a page, a fill or an idle time lasts longer than a third of it. */
export function keepLease(client: pg.ClientBase, lease: Lease): { stop(): void } {
  const timer = setInterval(() => {
    renewLease(client, lease).catch(() => {}) // the next apply finds out
  }, leaseMilliseconds / 3)
  return { stop: () => clearInterval(timer) }
}

/** Gives the lease back, so that the next consumer need not wait for it to run out. */
export async function releaseLease(client: pg.ClientBase, lease: Lease): Promise<void> {
  await client.query(
    `update trifold.consumers
    set lease_until = '-infinity', owner = null, backend_pid = null, backend_start = null
    where generation_id = $1
      and epoch = $2`,
    [lease.generation.id, lease.epoch],
  )
}

function outdated(generation: Generation, holder: Holder, version: number): TrifoldError {
  return new TrifoldError(
    'HANDLERS_OUTDATED',
    `consumer: ${generation.target} was last run with handlers version ${holder.handlers_version}, this worker has ${version}; ` +
      'deploy the newer handlers here, or raise `version` if these are the newer ones',
  )
}
