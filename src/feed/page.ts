import type { Cursor } from '../schema/consumers.ts'
import type { FeedEvent } from '../schema/outbox.ts'
import type { Snapshot } from '../snapshot.ts'

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
