import type pg from 'pg'
import type { Cursor } from '../schema/consumers.ts'
import { type FeedEvent, readHead, readSmallWindows } from '../schema/outbox.ts'
import { lastOrdinal, type Window, windowsFrom } from '../schema/windows.ts'
import { cutPage } from './cut.ts'
import { windowGone } from './window-gone.ts'

/**
 * The events that a snapshot shows and a cursor has not reached, in the order in which its consumer will get them: those
 * of the windows, then those that are in no window yet. The ordinals of these are the ones that they would have if a
 * window ended with the snapshot.
 *
 * @param client inside a REPEATABLE READ transaction: its snapshot is meant
 * @param most more events than this are not read, nor more windows
 * @returns undefined if there are more
 * @throws FEED_INCOMPLETE if windows or rows that follow the cursor are gone
 */
export async function eventsAhead(
  client: pg.ClientBase,
  cursor: Cursor,
  most: number,
): Promise<FeedEvent[] | undefined> {
  const [reached, ...following] = await windowsFrom(client, cursor.window, most)
  if (reached?.id !== cursor.window) throw windowGone(cursor)
  const newest = following.at(-1) ?? reached
  if (following.length === most || lastOrdinal(newest) - cursor.ordinal > most) return undefined
  const head = await readHead(client, newest, { since: newest.snapshot, limit: most })
  if (head.rows === undefined) return undefined
  const events = await eventsOfWindows(client, cursor, reached, following)
  const inNone = head.rows.map((row, place) => ({ ...row, ordinal: lastOrdinal(newest) + 1 + place }))
  return [...events, ...inNone]
}

/** A part of the log lies within one era. */
async function eventsOfWindows(
  client: pg.ClientBase,
  cursor: Cursor,
  reached: Window,
  following: readonly Window[],
): Promise<FeedEvent[]> {
  const events: FeedEvent[] = []
  let previous = reached
  let end = cursor
  for (const windows of byEra(following)) {
    const lists = await readSmallWindows(client, previous, windows)
    const page = cutPage(end, windows, lists, Number.POSITIVE_INFINITY)
    events.push(...page.events)
    end = page.end
    previous = windows.at(-1) as Window
  }
  return events
}

function byEra(windows: readonly Window[]): Window[][] {
  const parts: Window[][] = []
  for (const window of windows) {
    const last = parts.at(-1)
    if (last?.[0]?.era === window.era) last.push(window)
    else parts.push([window])
  }
  return parts
}
