import { TrifoldError } from '../errors.ts'
import type { Cursor } from '../schema/consumers.ts'
import type { FeedEvent, OutboxRow } from '../schema/outbox.ts'
import { lastOrdinal, type Window } from '../schema/windows.ts'
import type { Page } from './page.ts'

/**
 * Makes a page of whole windows, or of the next part of a single one: numbers the rows that follow the cursor, and finds
 * where the reader will be.
 *
 * @param lists all rows of each window in order of position, also those up to the cursor
 * @param limit most events of the page; the windows after the first fit into it
 * @throws FEED_INCOMPLETE
 */
export function cutPage(cursor: Cursor, windows: Window[], lists: OutboxRow[][], limit: number): Page {
  const events: FeedEvent[] = []
  let end = cursor
  let last = windows[0] as Window
  for (const [place, window] of windows.entries()) {
    const rows = lists[place] as OutboxRow[]
    if (rows.length !== window.eventCount) throw incomplete(window, window.firstOrdinal + rows.length - 1)
    end = take(events, end, window, following(rows, end.position).slice(0, limit - events.length))
    last = window
    if (end.position !== undefined) break
  }
  return pageOf(events, end, last)
}

/**
 * Makes a page of a part of one large window.
 *
 * @param rows the rows after the cursor in order of position, at most `limit`
 * @throws FEED_INCOMPLETE
 */
export function cutPart(cursor: Cursor, window: Window, rows: OutboxRow[], limit: number): Page {
  const events: FeedEvent[] = []
  const end = take(events, cursor, window, rows)
  if (end.position !== undefined && (rows.length < limit || end.ordinal > lastOrdinal(window))) {
    throw incomplete(window, end.ordinal)
  }
  return pageOf(events, end, window)
}

/**
 * Numbers `rows` and moves the cursor over them; it is at the window's end once the last ordinal is reached. Readers
 * that share rows give them the same ordinals.
 */
function take(events: FeedEvent[], cursor: Cursor, window: Window, rows: OutboxRow[]): Cursor {
  let ordinal = cursor.ordinal
  for (const row of rows) {
    row.ordinal = ++ordinal
    events.push(row)
  }
  return ordinal === lastOrdinal(window)
    ? { era: window.era, window: window.id, position: undefined, ordinal }
    : { ...cursor, position: rows.at(-1)?.position ?? cursor.position, ordinal }
}

const following = (rows: OutboxRow[], after: number | undefined): OutboxRow[] =>
  after === undefined ? rows : rows.filter((row) => row.position > after)

const pageOf = (events: FeedEvent[], end: Cursor, last: Window): Page => ({
  events,
  end,
  window: { id: last.id, nonce: last.nonce },
  snapshot: end.position === undefined ? last.snapshot : undefined,
})

const incomplete = (window: Window, ordinal: number): TrifoldError =>
  new TrifoldError(
    'FEED_INCOMPLETE',
    `feed: window ${window.id} goes up to event ${lastOrdinal(window)}, but its rows in the outbox go up to ${ordinal}; ` +
      'rows were deleted before every consumer had read them: rebuild the targets (`trifold rebuild <target>`)',
    { details: { window: window.id, expected: lastOrdinal(window), found: ordinal } },
  )
