import type { Snapshot } from './snapshot.ts'

/** One event as the feed delivers it. */
export interface FeedEvent {
  /** Place in order of delivery, the same for every reader. */
  ordinal: number
  position: number
  xid: number
  type: string
  /** JSON text. */
  payload: string
}

/** How far a reader of the log has come. */
export interface Cursor {
  era: number
  /** The last window that was applied wholly. */
  window: number
  /** The last row applied of the window after it, or undefined at a window's end. */
  position: number | undefined
  /** The ordinal of the last event applied. */
  ordinal: number
}

/** How far a page reaches. */
export interface PageEnd {
  /** Where the reader is after it. */
  end: Cursor
  /** The newest window that the page touches, and the value that identifies its history. */
  window: { id: number; nonce: string }
  /** The snapshot that the target reflects after the page, if it ends at a window's end. */
  snapshot: Snapshot | undefined
}

/** Up to n events in order of ordinal, applied at once: a part of one window, or several whole small ones. */
export interface Page extends PageEnd {
  events: FeedEvent[]
}
