import type { Cursor } from '../schema/consumers.ts'
import type { OutboxRow } from '../schema/outbox.ts'
import type { Window } from '../schema/windows.ts'

/** Most characters of payloads, and most windows, that are kept beside the newest window. */
const mostCharacters = 8_000_000
const mostWindows = 1_000

/** What a row takes beside its payload, about. */
const ofRow = 200

/** The newest windows with their rows: the readers of a process read each from the log once, also if some are a little behind. */
export class RecentWindows {
  private readonly kept = new Map<number, { window: Window; rows: OutboxRow[]; size: number }>()
  private size = 0

  keep(window: Window, rows: OutboxRow[]): void {
    if (this.kept.has(window.id)) return
    for (const row of rows) row.shared ??= {}
    const size = rows.reduce((sum, { payload }) => sum + payload.length + ofRow, 0)
    for (const [id, oldest] of this.kept) {
      if (this.size + size <= mostCharacters && this.kept.size < mostWindows) break
      this.kept.delete(id)
      this.size -= oldest.size
    }
    this.kept.set(window.id, { window, rows, size })
    this.size += size
  }

  /** Those that follow a cursor without a gap, in its era: as many as fit into a page together, or one. */
  after(cursor: Cursor, limit: number): { windows: Window[]; lists: OutboxRow[][] } | undefined {
    const windows: Window[] = []
    const lists: OutboxRow[][] = []
    let events = 0
    for (let next = this.kept.get(cursor.window + 1); next; next = this.kept.get(next.window.id + 1)) {
      events += next.rows.length
      if (next.window.era !== cursor.era || (windows.length > 0 && events > limit)) break
      windows.push(next.window)
      lists.push(next.rows)
    }
    return windows.length > 0 ? { windows, lists } : undefined
  }
}
