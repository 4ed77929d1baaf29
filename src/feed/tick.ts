import type pg from 'pg'
import { TrifoldError } from '../errors.ts'
import { faultPoint } from '../fault.ts'
import { type OutboxRow, readExtent, readHead } from './rows.ts'
import { lastNumber, lastWindow, type Window, windowColumns, windowOf, windowsFrom } from './window.ts'

export interface Tick {
  /** The newest window after the tick. */
  window: Window
  /** Whether this tick stored it. */
  stored: boolean
  /** Its rows in order of position, where this tick stored it and it is small enough to be held. */
  rows: OutboxRow[] | undefined
}

/** A window of more events than this is read page by page. */
export const largestHeldWindow = 5_000

export interface TickOptions {
  /** The newest window known, to save a read; it may be out of date. */
  last?: Window
  /** Store a window even if it is empty: a recompute names one. */
  evenIfEmpty?: boolean
  /** Record the snapshot of an empty tick, so that lag reaches zero and tokens without events become visible. */
  recordHead?: boolean
}

/**
 * Makes the next window: reads the last one, looks for newly visible rows and, if there are some, stores the step in
 * one autocommit statement. No lock is needed: of several tickers that race for an id one wins, and the losers read
 * what it stored. Rows are handed on only after the own insert has committed.
 *
 * The idea is PgQ's tick (Skype's PgQ, `pgq.ticker()`); here the id and the numbers follow from the predecessor, so that
 * they do not depend on who ticks.
 *
 * @throws DATABASE_STANDBY: the snapshot of a standby has no list of running transactions and would skip events
 */
export async function tick(client: pg.ClientBase, options: TickOptions = {}): Promise<Tick> {
  const previous = options.last ?? (await lastWindow(client))
  const head = await readHead(client, previous, largestHeldWindow)
  if (head.rows?.length === 0 && !options.evenIfEmpty) {
    if (options.recordHead) await recordHead(client, previous, head.snapshot)
    return { window: previous, stored: false, rows: undefined }
  }
  await faultPoint('tick:before-store')
  const window = await storeWindow(client, previous, head)
  await faultPoint('tick:after-store')
  if (window) return { window, stored: true, rows: head.rows }
  const stored = await windowsFrom(client, previous.id + 1, 0)
  return { window: stored[0] as Window, stored: false, rows: undefined }
}

// The statement refuses on a standby by itself (it writes), but a clear error is worth the check. `on conflict do
// nothing` returns no row to the loser of a race. A window of another era than the predecessor is never stored: the
// era may have changed since the predecessor was read.
const storeStatement = `
  insert into trifold.windows (id, era, snapshot, first_number, event_count, floor, ceiling, oldest_appended_at)
  select
    $1::bigint,
    $2::bigint,
    $3::pg_snapshot,
    $4::bigint,
    $5::bigint,
    $6::bigint,
    $7::bigint,
    (select appended_at from trifold.outbox where position = $8::bigint)
  where (select last_value from trifold.era) = $2::bigint
  on conflict (id) do nothing
  returning ${windowColumns}`

async function storeWindow(
  client: pg.ClientBase,
  previous: Window,
  head: { snapshot: string; rows: OutboxRow[] | undefined },
): Promise<Window | undefined> {
  const extent = head.rows
    ? { eventCount: head.rows.length, firstPosition: head.rows[0]?.position, floor: undefined, ceiling: undefined }
    : await readExtent(client, previous, head.snapshot)
  const { rows } = await client.query({
    name: 'trifold_store_window',
    text: storeStatement,
    values: [
      previous.id + 1,
      previous.era,
      head.snapshot,
      lastNumber(previous) + 1,
      extent.eventCount,
      extent.floor ?? null,
      extent.ceiling ?? null,
      extent.firstPosition ?? null,
    ],
  })
  return rows[0] && windowOf(rows[0])
}

/**
 * Records that nothing followed `previous` up to the snapshot: whoever stands at the end of that window reflects it.
 * Older records may overwrite newer ones for a moment; each is true.
 */
async function recordHead(client: pg.ClientBase, previous: Window, snapshot: string): Promise<void> {
  await client.query({
    name: 'trifold_record_head',
    text: `
      insert into trifold.head (window_id, era, snapshot)
      values ($1::bigint, $2::bigint, $3::pg_snapshot)
      on conflict (single) do update
      set window_id = excluded.window_id, era = excluded.era, snapshot = excluded.snapshot, taken_at = excluded.taken_at`,
    values: [previous.id, previous.era, snapshot],
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
