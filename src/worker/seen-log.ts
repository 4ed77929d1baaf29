import type pg from 'pg'
import { openClient } from '../database.ts'
import { raiseEra } from '../era.ts'
import type { Feed } from '../feed.ts'
import type { Observe } from '../observe.ts'
import { type Place, readPlace, storedEra } from '../schema/history.ts'
import { isBehind } from '../schema/log.ts'
import type { Window } from '../schema/windows.ts'

/** What a process knows to be written for good. */
interface Seen {
  place: Place
  era: number
  window: Window
  written: string | undefined
}

/**
 * The log as a process has seen it, over all its connections. A snapshot of the server's volume that is put back has the
 * identity of the server that it replaces, and so have the stored rows; only who was there before can tell.
 */
export class SeenLog {
  private seen: Seen | undefined

  /** What a feed knows, before it is closed. */
  keep({ latest, written }: Feed): void {
    if (!this.seen) return
    const era = Math.max(this.seen.era, latest.era)
    this.seen = { ...this.seen, era, window: latest, written: written ?? this.seen.written }
  }

  /** Begins with the log that a feed has opened, once it was compared with what was seen before. */
  async begin(databaseUrl: string, { latest }: Feed, observe?: Observe): Promise<void> {
    const client = await openClient(databaseUrl, { name: 'history' })
    try {
      await this.compare(client, observe)
      this.seen = { place: await readPlace(client), era: await storedEra(client), window: latest, written: undefined }
    } finally {
      await client.end()
    }
  }

  /** Begins a new era if the log of a database that was connected again is an earlier one. */
  async compare(client: pg.ClientBase, observe?: Observe): Promise<void> {
    const { seen } = this
    if (seen && (await wentBack(client, seen, await readPlace(client))))
      await raiseEra(client, seen.era, observe, 'log')
  }
}

/** Compares logs on one timeline of one server only: the stored identity tells everything else. */
async function wentBack(client: pg.ClientBase, { place, window, written }: Seen, now: Place): Promise<boolean> {
  if (JSON.stringify(place) !== JSON.stringify(now)) return false
  return isBehind(client, window, written)
}
