import type pg from 'pg'
import { inTransaction } from '../database.ts'
import { cutOff, type HoldingCursor, readHoldingCursors } from '../schema/consumers.ts'
import { readLastPosition, readPartitions, type StoredPartition } from '../schema/outbox/partitions.ts'
import {
  dropPartition,
  emptyPartition,
  hasRows,
  isPassed,
  lockPartition,
  readAges,
  skipTo,
} from '../schema/outbox/retained.ts'
import { lockOutbox } from '../schema/outbox.ts'

/** What is kept of the outbox, and for how long. */
export interface Retention {
  /** How long an event is kept after its consumers have read it, in milliseconds. */
  retain: number
  /** Bytes from which on a partition is closed. */
  partitionBytes: number
  /** Bytes of the outbox above which the consumers that keep events from being dropped are cut off. */
  cap: number
  /** Whether a configuration names the target: the cursor of another one lapses once nobody has kept it for `retain`. */
  isConfigured(target: string): boolean
}

/** A cursor that keeps no events any more; its target needs a rebuild. */
export interface CutOff {
  target: string
  reason: 'cap' | 'abandoned'
}

/** What came of one look. */
export interface Retained {
  /** Whether the partition that was written was closed: the next event begins another. */
  closed: string | undefined
  dropped: { name: string; bytes: number }[]
  cutOff: CutOff[]
}

/** Longest wait for a lock, in milliseconds: appends may wait behind it. */
const lockTimeout = 100

/** A partition is closed after this part of `retain`, so that few are kept and none for much longer than `retain`. */
const partsOfRetain = 3

/**
 * Closes the partition that is written if it is large or old enough, and drops those before it that every consumer has
 * read and that are old enough. Above the cap age does not count, and a consumer that has not read them is cut off first.
 *
 * No append waits longer than 100 ms for it: what cannot be locked in that time is left to the next look. May be called by
 * several workers at once.
 *
 * @param client a connection of the outbox's owner, outside of a transaction
 * @param pruned deletes the windows that nobody reads any more, and returns after that; `all` at once, however young
 */
export async function applyRetention(
  client: pg.ClientBase,
  retention: Retention,
  pruned: (all: boolean) => Promise<unknown>,
): Promise<Retained> {
  const retained: Retained = { closed: await closeIfDue(client, retention), dropped: [], cutOff: [] }
  const last = await readLastPosition(client)
  const partitions = await readPartitions(client)
  let bytes = partitions.reduce((sum, one) => sum + one.bytes, 0)
  for (const partition of partitions.filter(({ to }) => to < last)) {
    const isOver = bytes > retention.cap
    if (!isOver && (await isYoung(client, partition, retention))) break
    if (!(await isPassed(client, partition))) {
      const holding = await readHoldingCursors(client, partition.name)
      const cut = await cutOffAll(client, holding, retention, isOver)
      retained.cutOff.push(...cut)
      if (cut.length < holding.length || (cut.length === 0 && !isOver)) break
      await pruned(isOver)
    }
    if (!(await drop(client, partition))) break
    retained.dropped.push({ name: partition.name, bytes: partition.bytes })
    bytes -= partition.bytes
  }
  return retained
}

async function isYoung(client: pg.ClientBase, partition: StoredPartition, { retain }: Retention): Promise<boolean> {
  const ages = await readAges(client, partition)
  return ages !== undefined && ages.newest < retain
}

/** Of the cursors that hold a partition those that may do so no longer. */
async function cutOffAll(
  client: pg.ClientBase,
  holding: readonly HoldingCursor[],
  { retain, isConfigured }: Retention,
  isOver: boolean,
): Promise<CutOff[]> {
  const cut: CutOff[] = []
  for (const cursor of holding) {
    const isAbandoned = !isConfigured(cursor.target) && cursor.abandoned > retain
    if (!isOver && !isAbandoned) continue
    if (await cutOff(client, cursor)) cut.push({ target: cursor.target, reason: isAbandoned ? 'abandoned' : 'cap' })
  }
  return cut
}

/** The partition that is written now gets no further event. @returns its name if it was closed */
async function closeIfDue(client: pg.ClientBase, { retain, partitionBytes }: Retention): Promise<string | undefined> {
  const last = await readLastPosition(client)
  const partitions = await readPartitions(client)
  const written = partitions.find(({ from, to }) => from <= last && last < to)
  if (!written || !partitions.some(({ from }) => from === written.to + 1)) return undefined
  const isFull = written.bytes >= partitionBytes && (await hasRows(client, written))
  const isOld = ((await readAges(client, written))?.oldest ?? 0) >= retain / partsOfRetain
  if (!isFull && !isOld) return undefined
  const closed = await withinLockTimeout(client, async () => {
    await lockOutbox(client)
    await skipTo(client, written.to)
    return true
  })
  return closed ? written.name : undefined
}

/**
 * Frees the space under a lock of the partition alone, then drops it under a lock of the whole outbox. While a lock is
 * waited for, a transaction that held an event of it open may commit: under each lock it is asked again.
 */
async function drop(client: pg.ClientBase, partition: StoredPartition): Promise<boolean> {
  const emptied = await withinLockTimeout(client, async () => {
    await lockPartition(client, partition)
    if (!(await isPassed(client, partition))) return false
    await emptyPartition(client, partition)
    return true
  })
  if (!emptied) return false
  return withinLockTimeout(client, async () => {
    await lockOutbox(client)
    if (await hasRows(client, partition)) return false
    await dropPartition(client, partition)
    return true
  })
}

/** @returns false also if a lock could not be had in time, or another worker was faster */
async function withinLockTimeout(client: pg.ClientBase, work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await inTransaction(client, async () => {
      await client.query(`set local lock_timeout = ${lockTimeout}`)
      return work()
    })
  } catch (error) {
    if (passing.has((error as { code?: string }).code ?? '')) return false
    throw error
  }
}

/** `lock_not_available`, `deadlock_detected`, `undefined_table`. */
const passing = new Set(['55P03', '40P01', '42P01'])
