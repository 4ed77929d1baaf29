/** One event as the feed delivers it. */
export interface FeedEvent {
  /** Place in order of delivery, the same for every reader. */
  ordinal: number
  position: number
  xid: number
  type: string
  /** JSON text. */
  payload: string
  /** Of an event that several readers get: its payload, once one of them has read it. */
  shared?: { read?: { registry: object; payload: unknown } }
}

// Every statement of the feed asks for `xid >= xmax(previous)` as a range and for `xid = any(xip(previous))` as a list:
// together exactly what is not visible in the previous snapshot, both by the index on xid. `xid >= xmin(previous)` would
// read again, at each poll, all that came since the oldest open transaction began. No bound on the position is remembered
// from earlier windows: xmax is the last *completed* id plus one, so a transaction that is still running can be at or
// above it and already hold a lower position. Rows of an earlier era are left out: their ids may mean nothing here.
//
// `offset 0` or a limit keeps the look-up of a listed transaction apart: joined, it becomes a scan of the whole log as
// soon as statistics say that there are few transactions, as they do after a large import.

/** A row of the outbox as the feed reads it: an event whose ordinal is 0 until a page gives it the one it has. */
export type OutboxRow = FeedEvent

/** The same as the server sends it, in text. */
export type RawRow = [position: string, xid: string, type: string, payload: string]

export const rowOf = ([position, xid, type, payload]: RawRow): OutboxRow => ({
  ordinal: 0,
  position: Number(position),
  xid: Number(xid),
  type,
  payload,
})

export const byPosition = (a: OutboxRow, b: OutboxRow): number => a.position - b.position
