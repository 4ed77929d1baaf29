import type pg from 'pg'
import {
  attachPartition,
  countInDefault,
  createPartition,
  moveFromDefault,
  readLastPosition,
  readPartitions,
  type StoredPartition,
  tryLockPartitions,
} from '../schema/outbox/partitions.ts'
import { qualified } from '../sql.ts'

/** Positions of one partition of the outbox: few and large, since each costs every statement a little. */
export const partitionSize = 20_000_000

export interface Partition {
  name: string
  /** Its first position. */
  from: number
  /** Its last position. */
  to: number
}

export interface PartitionsReport {
  /** The last position that was taken; 0 if none was. */
  lastPosition: number
  created: Partition[]
  /** Partitions that are due and could not be made. Appends go on: the default partition takes their rows. */
  due: (Partition & Hindrance)[]
}

export interface Hindrance {
  reason: string
  nextStep: string
}

export interface PartitionsOptions {
  /** Positions of a new partition; default {@link partitionSize}. */
  size?: number
  /** How many partitions are kept ready beyond the one that is written now; default 1. */
  ahead?: number
  /** Longest wait for the lock, in milliseconds, during which reads of the outbox wait too; default 200. */
  lockTimeout?: number
  /** Moves rows out of the default partition if they are in the way; appends wait meanwhile. Default false. */
  moveRows?: boolean
}

/**
 * Creates the partitions of the outbox that will be needed next, so that the default partition stays empty, and those
 * that were missed. Unless `moveRows`, no append waits for it: a partition is made as a separate table and attached
 * under a lock on the default partition that times out after `lockTimeout`. May be called by several workers at once.
 *
 * @param client a connection of the outbox's owner, outside of a transaction
 * @returns what was made, and what is due, why, and what to do: a hindrance is not an error
 */
export async function ensurePartitions(
  client: pg.ClientBase,
  options: PartitionsOptions = {},
): Promise<PartitionsReport> {
  const { size = partitionSize, ahead = 1, lockTimeout = 200, moveRows = false } = options
  const lastPosition = await readLastPosition(client)
  const report: PartitionsReport = { lastPosition, created: [], due: [] }
  const missing = missingPartitions(await readPartitions(client), lastPosition, size, ahead)
  for (const partition of missing) {
    const rows = moveRows ? 0 : await countInDefault(client, partition)
    const hindrance = rows > 0 ? rowsInTheWay(rows) : await create(client, partition, lockTimeout, moveRows)
    if (hindrance) report.due.push({ ...partition, ...hindrance })
    else report.created.push(partition)
  }
  return report
}

/** What the partitions leave out, up to `ahead` of them beyond the one that holds the last position. */
function missingPartitions(stored: readonly StoredPartition[], last: number, size: number, ahead: number): Partition[] {
  const missing: Partition[] = []
  const add = (from: number, to: number) => missing.push({ name: `outbox_p${from}`, from, to })
  let next = stored[0]?.from ?? last + 1
  for (const { from, to } of stored) {
    if (from > next) add(next, from - 1)
    next = to + 1
  }
  for (; next <= last + ahead * size; next += size) add(next, next + size - 1)
  return missing
}

/**
 * Makes one partition in one transaction. Attaching locks the default partition against everything and reads all of it:
 * lock and reading end at the timeout.
 */
async function create(
  client: pg.ClientBase,
  { name, from, to }: Partition,
  lockTimeout: number,
  moveRows: boolean,
): Promise<Hindrance | undefined> {
  const table = qualified('trifold', name)
  await client.query('begin')
  try {
    await client.query(`set local lock_timeout = ${lockTimeout}`)
    if (!(await tryLockPartitions(client)))
      throw Object.assign(new Error('another worker makes partitions'), { code: '55P03' })
    await createPartition(client, table)
    if (moveRows) await moveFromDefault(client, table, from, to)
    else await client.query(`set local statement_timeout = ${lockTimeout * 2}`)
    await attachPartition(client, table, from, to)
    await client.query('commit')
    return undefined
  } catch (error) {
    await client.query('rollback').catch(() => {}) // a broken connection has rolled back already
    return hindranceOf(error)
  }
}

const rowsInTheWay = (rows: number): Hindrance => ({
  reason: `the default partition holds ${rows >= 1_000_000 ? 'a million or more' : rows} rows of it`,
  nextStep: 'move them in a quiet moment with `moveRows` (appends wait meanwhile); until then nothing is lost',
})

/** @throws the error if it is not one that passes by itself or that moving rows cures */
function hindranceOf(error: unknown): Hindrance {
  const { code, message } = error as { code?: string; message: string }
  if (code === '23514') return rowsInTheWay(1)
  if (code === '57014') {
    return { reason: 'the default partition is too full to be checked under a short lock', nextStep: 'move its rows' }
  }
  if (code === '55P03' || code === '42P07' || code === '42P17' || code === '40P01') {
    return { reason: message, nextStep: 'none: the next maintenance tries again' }
  }
  throw error
}
