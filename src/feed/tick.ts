import type pg from 'pg'
import { TrifoldError } from '../errors.ts'
import { faultPoint } from '../fault.ts'
import { type Head, type OutboxRow, readExtent, readHead } from '../schema/outbox.ts'
import { insertWindow, lastOrdinal, lastWindow, type Window } from '../schema/windows.ts'
import { parseSnapshot, type Snapshot } from '../snapshot.ts'

/** What came of a tick. */
export interface Tick {
  /** The newest window after the tick. */
  window: Window
  /** Whether this tick stored it. */
  stored: boolean
  /** Its rows in order of position, if this tick stored it and it is small enough to be held. */
  rows: OutboxRow[] | undefined
  /** The snapshot up to which nothing followed the window, if the tick found nothing. */
  quiet?: Snapshot
  /** A place in the server's log that is written for good, if the tick recorded the head. */
  written?: string | undefined
}

/** A window of more events than this is read page by page. */
export const largestHeldWindow = 5_000

/** What a tick may rely on, and what it records. */
export interface TickOptions {
  /** The newest window known, to save a read; it may be out of date. */
  last?: Window
  /** What an earlier tick found quiet after `last`. */
  quiet?: Snapshot | undefined
  /** Store a window even if it is empty: a recompute names one. */
  evenIfEmpty?: boolean
  /** Record the snapshot of an empty tick, so that lag reaches zero and tokens without events become visible. */
  recordHead?: boolean
}

/**
 * Makes the next window: reads the last one, looks for newly visible rows and, if there are some, stores the step in
 * one autocommit statement. No lock is needed: of several tickers that race for an id one wins, and the losers read
 * what it stored. Rows are handed on only after its own insert has committed; if the outcome is unknown (the
 * connection broke) the tick throws, and the next reader reads what was stored.
 *
 * The idea is PgQ's tick (Skype's PgQ, `pgq.ticker()`); here the id and the ordinals follow from the predecessor, so that
 * they do not depend on who ticks.
 *
 * @param client a connection to the primary, outside of a transaction; see {@link refuseStandby}
 * @returns the newest window. With `evenIfEmpty` it was committed after the call began.
 */
export async function tick(client: pg.ClientBase, options: TickOptions = {}): Promise<Tick> {
  const { previous, head } = await readNewestHead(client, options)
  if (head.newest !== previous.id) return { window: await lastWindow(client), stored: false, rows: undefined }
  if (head.rows?.length === 0 && !options.evenIfEmpty) {
    const { written } = head
    return { window: previous, stored: false, rows: undefined, quiet: parseSnapshot(head.snapshot), written }
  }
  await faultPoint('tick:before-store')
  const window = await storeWindow(client, previous, head)
  await faultPoint('tick:after-store')
  return window
    ? { window, stored: true, rows: head.rows }
    : { window: await lastWindow(client), stored: false, rows: undefined }
}

/** Reads what follows the newest window: `last`, or the one that others have stored after it. */
async function readNewestHead(
  client: pg.ClientBase,
  { last, quiet, recordHead, evenIfEmpty }: TickOptions,
): Promise<{ previous: Window; head: Head }> {
  const look = { limit: largestHeldWindow, record: recordHead && !evenIfEmpty }
  if (last) {
    const head = await readHead(client, last, { ...look, since: quiet ?? last.snapshot })
    if (head.newest === last.id) return { previous: last, head }
  }
  const previous = await lastWindow(client)
  return { previous, head: await readHead(client, previous, { ...look, since: previous.snapshot }) }
}

async function storeWindow(client: pg.ClientBase, previous: Window, head: Head): Promise<Window | undefined> {
  const extent = head.rows
    ? { eventCount: head.rows.length, firstPosition: head.rows[0]?.position, floor: undefined, ceiling: undefined }
    : await readExtent(client, previous, head.snapshot)
  return insertWindow(client, {
    id: previous.id + 1,
    era: previous.era,
    snapshot: head.snapshot,
    takenAt: head.takenAt,
    firstOrdinal: lastOrdinal(previous) + 1,
    ...extent,
  })
}

/** Refuses to tick on a standby. @throws DATABASE_STANDBY */
export async function refuseStandby(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query('select pg_is_in_recovery() as standby')
  if (rows[0].standby === 't') {
    throw new TrifoldError(
      'DATABASE_STANDBY',
      'feed: windows can only be made on the primary; point DATABASE_URL at it',
    )
  }
}
