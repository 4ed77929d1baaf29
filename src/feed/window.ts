import type pg from 'pg'
import { parseSnapshot, type Snapshot } from './snapshot.ts'

/** What became visible between two snapshots: a numbered step of the outbox, made once, shared by all readers. */
export interface Window {
  /** Predecessor's id + 1. */
  id: number
  era: number
  snapshot: Snapshot
  firstOrdinal: number
  eventCount: number
  /** Bounds of the positions of transactions that began after the window before; only in large windows. */
  floor: number | undefined
  ceiling: number | undefined
  /** A random value: an index that names a nonce which the database lacks belongs to another history. */
  nonce: string
}

export const windowColumns = `
  id, era, snapshot::text, first_ordinal, event_count, floor, ceiling, nonce`

/** The newest window. There always is one: the schema is created with window 0. */
export async function lastWindow(client: Pick<pg.ClientBase, 'query'>): Promise<Window> {
  const { rows } = await client.query(
    `select ${windowColumns}
    from trifold.windows
    order by id desc
    limit 1`,
  )
  return windowOf(rows[0])
}

/** The window `id` and up to `limit` after it, in order. */
export async function windowsFrom(client: Pick<pg.ClientBase, 'query'>, id: number, limit: number): Promise<Window[]> {
  const { rows } = await client.query({
    name: 'trifold_windows_from',
    text: `
      select ${windowColumns}
      from trifold.windows
      where id >= $1::bigint
      order by id
      limit $2::bigint`,
    values: [id, limit + 1],
  })
  return rows.map(windowOf)
}

/** Reads a row of `windowColumns`. */
export function windowOf(row: Record<string, string | null>): Window {
  return {
    id: Number(row.id),
    era: Number(row.era),
    snapshot: parseSnapshot(row.snapshot as string),
    firstOrdinal: Number(row.first_ordinal),
    eventCount: Number(row.event_count),
    floor: row.floor === null ? undefined : Number(row.floor),
    ceiling: row.ceiling === null ? undefined : Number(row.ceiling),
    nonce: row.nonce as string,
  }
}

/** The ordinal of the last event up to the end of the window. */
export const lastOrdinal = (window: Window): number => window.firstOrdinal + window.eventCount - 1
