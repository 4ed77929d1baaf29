import { Feed } from '../../src/feed.ts'
import type { Cursor } from '../../src/schema/consumers.ts'

/** An event as a reader got it. */
export interface Delivered {
  ordinal: number
  position: number
  /** JSON text; see {@link Writer.append}. */
  payload: string
}

/** One process that ticks and reads. `Place` is how far a reader has come, opaque to the tests. */
export interface FeedProcess<Place = unknown> {
  /** Looks once for what is new. */
  tick(): Promise<void>
  /** Up to about `limit` events after `place`, or undefined where there is nothing. */
  read(place: Place, limit: number): Promise<{ events: Delivered[]; place: Place } | undefined>
  close(): Promise<void>
}

/** A way to read the log in order: the feed, or a wrong design that the tests must catch. */
export interface Design<Place = unknown> {
  name: string
  /** Where a reader stands in a log that was just reset. */
  start: Place
  open(databaseUrl: string): Promise<FeedProcess<Place>>
}

/** The feed itself. */
export const theFeed: Design<Cursor> = {
  name: 'the feed',
  start: { era: 1, window: 0, position: undefined, ordinal: 0 },
  async open(databaseUrl) {
    const feed = await Feed.open(databaseUrl)
    return {
      async tick() {
        await feed.tick()
      },
      async read(place, limit) {
        const page = await feed.read(place, limit)
        return page && { events: page.events, place: page.end }
      },
      close: () => feed.close(),
    }
  },
}
