// The table `trifold.windows`: the numbered steps of the outbox.
import type pg from 'pg'
import { parseSnapshot, type Snapshot } from '../snapshot.ts'
import { lockHeld } from '../sql.ts'
import { noEra } from './consumers/retention.ts'
import { emptied } from './emptied.ts'

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

const windowColumns = `
  id, era, snapshot::text, first_ordinal, event_count, floor, ceiling, nonce`

/** The newest window. There always is one: the schema is created with window 0. */
export async function lastWindow(client: Pick<pg.ClientBase, 'query'>): Promise<Window> {
  const { rows } = await client.query(
    `select ${windowColumns}
    from trifold.windows
    order by id desc
    limit 1`,
  )
  if (!rows[0]) throw emptied('windows')
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

/** Whether there is a window of this id and nonce: if not, whoever names them belongs to another history. */
export async function hasWindow(client: pg.ClientBase, id: number, nonce: string): Promise<boolean> {
  const { rows } = await client.query('select 1 from trifold.windows where id = $1 and nonce = $2', [id, nonce])
  return rows.length === 1
}

/** What a tick stores. */
export interface NewWindow extends Pick<Window, 'id' | 'era' | 'firstOrdinal' | 'eventCount' | 'floor' | 'ceiling'> {
  /** As PostgreSQL writes it. */
  snapshot: string
  /** When it was taken, or a moment earlier: who reads it may say that all which committed before is in it. */
  takenAt: string
  /** The lowest position among its events. */
  firstPosition: number | undefined
}

// `on conflict do nothing` returns no row to the loser of a race. A new era begins with a window of its own, so that what
// continues the old one loses too.
const storeStatement = `
  insert into trifold.windows (id, era, snapshot, first_ordinal, event_count, floor, ceiling, oldest_appended_at, taken_at)
  select
    $1::bigint,
    $2::bigint,
    $3::pg_snapshot,
    $4::bigint,
    $5::bigint,
    $6::bigint,
    $7::bigint,
    (select appended_at from trifold.outbox where position = $8::bigint),
    $9::timestamptz
  on conflict (id) do nothing
  returning ${windowColumns}`

/** Stores a window. @returns undefined if another one has its id already */
export async function insertWindow(client: pg.ClientBase, window: NewWindow): Promise<Window | undefined> {
  const { rows } = await client.query({
    name: 'trifold_store_window',
    text: storeStatement,
    values: [
      window.id,
      window.era,
      window.snapshot,
      window.firstOrdinal,
      window.eventCount,
      window.floor ?? null,
      window.ceiling ?? null,
      window.firstPosition ?? null,
      window.takenAt,
    ],
  })
  return rows[0] && windowOf(rows[0])
}

/** Stores an empty window at the current snapshot: the first of an era. */
export async function insertEmptyWindow(
  client: pg.ClientBase,
  { id, era, firstOrdinal }: Pick<Window, 'id' | 'era' | 'firstOrdinal'>,
): Promise<void> {
  await client.query(
    `insert into trifold.windows (id, era, snapshot, first_ordinal, event_count, taken_at)
    values ($1, $2, pg_current_snapshot(), $3, 0, now())`,
    [id, era, firstOrdinal],
  )
}

/** What limits {@link deleteReadWindows}. */
export interface DeletedWindows {
  keepMilliseconds: number
  /** Most that are deleted at once. */
  limit: number
}

/** Of a cursor that no version has moved which notes where the page began. */
const mostWindowsOfPage = 1_000

/** Deletes the oldest windows before the last page of every consumer, which every build has passed. @returns how many */
export async function deleteReadWindows(
  client: pg.ClientBase,
  { keepMilliseconds, limit }: DeletedWindows,
): Promise<number> {
  const { rowCount } = await client.query({
    name: 'trifold_prune_windows',
    text: pruneStatement,
    values: [keepMilliseconds, limit],
  })
  return rowCount ?? 0
}

/** Somebody builds it now, or may continue it: an interrupted build keeps its windows for as long as any is kept. */
const isBuilding = `
              created_at > clock_timestamp() - $1::bigint * interval '1 millisecond'
              or exists (
                select
                from trifold.range_snapshots
                where generation_id = generations.id
                  and copied_at > clock_timestamp() - $1::bigint * interval '1 millisecond'
              )
              or ${lockHeld("'trifold rebuild ' || target")}`

const pruneStatement = `
  delete from trifold.windows
  where id in (
    select id
    from trifold.windows
    where taken_at < clock_timestamp() - $1::bigint * interval '1 millisecond'
      and id < least(
        (select max(id) from trifold.windows),
        (
          select min(coalesce(page_window, window_id - ${mostWindowsOfPage}))
          from trifold.consumers
          join trifold.generations on generations.id = generation_id
          where state <> 'dropped'
            and consumers.era <> ${noEra}
        ),
        (
          select min(build_window)
          from trifold.generations
          where state in ('building', 'built')
            and (${isBuilding})
        )
      )
    order by id
    limit $2::bigint
  )`

function windowOf(row: Record<string, string | null>): Window {
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

/** An SQL expression: the id of the newest window. */
export const newestWindowId = '(select max(id) from trifold.windows)'

/** A statement: the newest window. */
export const newestWindow = `
    select id, first_ordinal, event_count, snapshot, taken_at
    from trifold.windows
    order by id desc
    limit 1`

/** A statement: when the oldest event after a window was appended. @param window an SQL expression, its id */
export const oldestAfter = (window: string): string => `
    select oldest_appended_at
    from trifold.windows
    where id > ${window}
      and event_count > 0
    order by id
    limit 1`
