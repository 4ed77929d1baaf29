import type pg from 'pg'
import type { Page } from '../feed/page.ts'
import type { Lease } from '../lease.ts'
import { leaseMilliseconds } from './time.ts'

/**
 * Moves a cursor behind a page, if epoch and version are still those of the lease: the compare-and-set that every write
 * of a target's rows goes through. It returns one row, or none if the lease is lost. Parameters `$1` to `$8` are
 * {@link cursorValues}.
 */
export const moveCursor = `
  update trifold.consumers
  set
    era = $4::bigint,
    window_id = $5::bigint,
    position = $6::bigint,
    ordinal = $7::bigint,
    version = version + 1,
    applied_at = clock_timestamp(),
    lease_until = clock_timestamp() + $8::bigint * interval '1 millisecond',
    failure = null
  where generation_id = $1::bigint
    and epoch = $2::bigint
    and version = $3::bigint
  returning version`

/** How many parameters {@link moveCursor} has. */
export const cursorParameters = 8

export function cursorValues(lease: Lease, end: Page['end']): unknown[] {
  return [
    lease.generation.id,
    lease.epoch,
    lease.version,
    end.era,
    end.window,
    end.position ?? null,
    end.ordinal,
    leaseMilliseconds,
  ]
}

/** Notes in the lease that the cursor was moved. */
export function cursorMoved(lease: Lease, end: Page['end']): void {
  lease.version += 1
  lease.cursor = end
}

/** Moves the cursor and nothing else. Returns false if the lease is lost. */
export async function moveCursorAlone(client: pg.ClientBase, lease: Lease, end: Page['end']): Promise<boolean> {
  const moved = await moveCursorInTransaction(client, lease, end)
  if (moved) cursorMoved(lease, end)
  return moved
}

/** The same inside the caller's transaction: it calls {@link cursorMoved} once that has committed. */
export async function moveCursorInTransaction(client: pg.ClientBase, lease: Lease, end: Page['end']): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'trifold_move_cursor',
    text: moveCursor,
    values: cursorValues(lease, end),
  })
  return rowCount === 1
}
