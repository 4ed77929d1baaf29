import { TrifoldError } from '../errors.ts'
import type { Cursor, FeedEvent, Page } from './page.ts'
import type { OutboxRow } from './rows.ts'
import { lastNumber, type Window } from './window.ts'

/**
 * Makes a page of the rows of `windows` that follow the cursor: numbers them, and finds where the reader will stand.
 *
 * @param lists the rows of each window in order of position; of a window that was begun already, rows up to the cursor
 * may be among them
 */
export function cutPage(cursor: Cursor, windows: Window[], lists: OutboxRow[][], limit: number): Page {
  const events: FeedEvent[] = []
  let end: Cursor = cursor
  let last = windows[0] as Window
  let number = cursor.number
  for (const [place, window] of windows.entries()) {
    const rows = remaining(lists[place] as OutboxRow[], place === 0 ? cursor.position : undefined)
    const taken = rows.slice(0, limit - events.length)
    if (taken.length === 0 && number < lastNumber(window) && events.length < limit) throw incomplete(window, number)
    for (const row of taken) events.push({ ...row, number: ++number })
    last = window
    end =
      number === lastNumber(window)
        ? { era: window.era, window: window.id, position: undefined, number }
        : { ...end, position: taken.at(-1)?.position ?? end.position, number }
    if (end.position !== undefined) break
  }
  return {
    events,
    end,
    window: { id: last.id, nonce: last.nonce },
    snapshot: end.position === undefined ? last.snapshot : undefined,
  }
}

const remaining = (rows: OutboxRow[], after: number | undefined): OutboxRow[] =>
  after === undefined ? rows : rows.filter((row) => row.position > after)

const incomplete = (window: Window, number: number): TrifoldError =>
  new TrifoldError(
    'FEED_INCOMPLETE',
    `feed: window ${window.id} should go up to event ${lastNumber(window)}, but the outbox has nothing after ${number}; ` +
      'rows were deleted before every consumer had read them: fill the targets again (`trifold fill <target>`)',
  )
