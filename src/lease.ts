import type pg from 'pg'
import { type ErrorCode, TrifoldError } from './errors.ts'
import { faultPoint } from './fault.ts'
import { endBackend } from './lease/holder.ts'
import { leaseMilliseconds } from './lease-time.ts'
import {
  type Attempt,
  type Cursor,
  type Failure,
  type Holder,
  raiseEpoch,
  readCursor,
  readHolder,
} from './schema/consumers.ts'
import type { Generation } from './schema/generations.ts'
import { type CopiedRange, readRangeSnapshots } from './schema/range-snapshots.ts'
import { readRowSnapshots } from './schema/row-snapshots.ts'
import { parseSnapshot, type Snapshot } from './snapshot.ts'

/** The right to move one cursor, held by one consumer at a time. */
export interface Lease {
  generation: Generation
  owner: string
  /** Raised by every takeover; every write of the target checks it. */
  epoch: number
  /** Raised by every write of the target's rows or cursor. */
  version: number
  cursor: Cursor
  /** The snapshot at which the generation was built. */
  buildSnapshot: Snapshot | undefined
  /** Keys (in the form of `keyText`) that were recomputed at a snapshot which the cursor has not covered yet. */
  rowSnapshots: Map<string, Snapshot>
  /** The key ranges of a build that were copied at a snapshot which the cursor has not covered yet. */
  ranges: readonly CopiedRange[]
  /** Whether the owner before ended without giving the lease back, and the page that it had noted as tried. */
  interrupted?: { attempt: Attempt | undefined } | undefined
  /** The event that ended a process: its handler is not to run. */
  ending?: TrifoldError | undefined
}

/**
 * Takes the lease of a generation's cursor, or returns undefined while its read model is detached or another consumer holds
 * it: as long as it renews it and its connection is open. Without the connection it cannot move the cursor, and its late
 * writes to an index lose against the new epoch. A transaction that goes on holds the lease as well: it may compute or wait
 * for a lock for longer than a lease, the row of the lease is its own meanwhile, and the next owner could only begin it
 * again. That of a frozen owner does not go on: its statement ends, and no other follows.
 *
 * The order matters. A detachment is looked for when the epoch is read, because it raises the epoch after it is recorded.
 * The backend of an owner whose lease ran out is ended first if it has the row locked: a frozen owner keeps its locks.
 * Then the epoch is raised in a separate statement, which waits for an apply that is still running; the cursor is read
 * only after that.
 *
 * @param client the connection that will apply: its backend is recorded
 * @throws HANDLERS_OUTDATED if a worker with newer handlers has run the target
 */
export async function takeLease(
  client: pg.ClientBase,
  generation: Generation,
  owner: string,
  handlersVersion: number,
): Promise<Lease | undefined> {
  const holder = await readHolder(client, generation.id, leaseMilliseconds)
  if (!holder) return undefined
  if (Number(holder.handlers_version) > handlersVersion) throw outdated(generation, holder, handlersVersion)
  if (holder.held === 't' || holder.detached === 't') return undefined
  await faultPoint('lease:free')
  await endBackend(client, generation.id, holder)
  await faultPoint('lease:backend-ended')
  const epoch = await raiseEpoch(client, generation.id, holder, { owner, handlersVersion, leaseMilliseconds })
  await faultPoint('lease:raised')
  const lease = epoch === undefined ? undefined : await readLease(client, generation, owner, epoch)
  return lease && { ...lease, interrupted: interruption(holder, lease), ending: endingOf(holder, handlersVersion) }
}

/** A connection that broke interrupts nothing if the process that had it goes on. */
function interruption({ owner, attempt }: Holder, lease: Lease): Lease['interrupted'] {
  if (owner === null || owner === lease.owner) return undefined
  const noted = attempt === null ? undefined : (JSON.parse(attempt) as Attempt)
  return { attempt: noted?.ordinal === lease.cursor.ordinal + 1 ? noted : undefined }
}

/** The event that ended a process, unless the handlers are newer than those that did. */
function endingOf({ failure }: Holder, handlersVersion: number): TrifoldError | undefined {
  const known = failure === null ? undefined : (JSON.parse(failure) as Failure)
  if (known?.handlersVersion === undefined || known.handlersVersion < handlersVersion) return undefined
  const { code, message, ...details } = known
  return new TrifoldError(code as ErrorCode, message, { details })
}

/**
 * Takes the lease from its holder, and does not wait: that consumer finds out at its next apply. One that is applying
 * a page in PostgreSQL ends it first.
 *
 * @returns undefined if the generation has no cursor
 */
export async function seizeLease(
  client: pg.ClientBase,
  generation: Generation,
  owner: string,
): Promise<Lease | undefined> {
  const holder = await readHolder(client, generation.id, leaseMilliseconds)
  if (!holder) return undefined
  const handlersVersion = Number(holder.handlers_version)
  const epoch = await raiseEpoch(client, generation.id, holder, { owner, handlersVersion, leaseMilliseconds })
  return epoch === undefined
    ? seizeLease(client, generation, owner) // somebody else has just taken it
    : readLease(client, generation, owner, epoch)
}

async function readLease(
  client: pg.ClientBase,
  generation: Generation,
  owner: string,
  epoch: number,
): Promise<Lease | undefined> {
  const found = await readCursor(client, generation.id, epoch)
  if (!found) return undefined
  return {
    generation,
    owner,
    epoch,
    ...found,
    buildSnapshot: generation.buildSnapshot === undefined ? undefined : parseSnapshot(generation.buildSnapshot),
    rowSnapshots: await readRowSnapshots(client, generation.id),
    ranges: await readRangeSnapshots(client, generation.id),
  }
}

function outdated(generation: Generation, holder: Holder, version: number): TrifoldError {
  return new TrifoldError(
    'HANDLERS_OUTDATED',
    `consumer: ${generation.target} was last run with handlers version ${holder.handlers_version}, this worker has ${version}; ` +
      'deploy the newer handlers here, or raise `version` if these are the newer ones',
  )
}
