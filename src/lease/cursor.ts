import type pg from 'pg'
import type { Page } from '../feed/page.ts'
import type { Lease } from '../lease.ts'
import { leaseMilliseconds } from '../lease-time.ts'
import { moveCursor } from '../schema/consumers.ts'

/** The parameters of {@link moveCursor}. */
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
