import type pg from 'pg'
import type { Snapshot } from '../../snapshot.ts'
import { insertHead } from '../head.ts'
import type { Window } from '../windows.ts'
import { byPosition, type OutboxRow, type RawRow, rowOf } from './rows.ts'

// The statement's own snapshot is pg_current_snapshot(), so at the head no visibility function is needed; the upper bound
// leaves out what a restored dump brought from a cluster that was further on. If another process has stored a window after
// `previous` in the meantime, the rows are not looked for: there may be very many.
const isNewest = '(select id from newest) = $5::bigint'

const laterRows = (columns: string): string => `
    select ${columns}
    from trifold.outbox
    where xid >= $1::xid8
      and xid < pg_snapshot_xmax(pg_current_snapshot())
      and era >= $4::bigint
      and ${isNewest}
    limit $3::bigint`

const rowsOfOpen = (columns: string): string => `
    select straggler.*
    from unnest($2::xid8[]) as open (xid)
    cross join lateral (
      select ${columns}
      from trifold.outbox
      where outbox.xid = open.xid
        and era >= $4::bigint
        and ${isNewest}
      limit $3::bigint
    ) as straggler
    where pg_visible_in_snapshot(open.xid, pg_current_snapshot())`

const nothingFollows = `${isNewest} and not exists (${laterRows('')}) and not exists (${rowsOfOpen('')})`

const rawRow = 'position::text, outbox.xid::text, type, payload::text'

/** @param recorded gives `written` */
const headStatement = (recorded: string): string => `
  with newest as materialized (
    select max(id) as id
    from trifold.windows
  ),
  recorded as (
    ${recorded}
  )
  select
    (select id from newest)::text as place,
    (select written from recorded) as xid,
    pg_current_snapshot()::text as type,
    now()::text as payload
  union all
  (${laterRows(rawRow)}
  )
  union all
  (${rowsOfOpen(rawRow)}
  )`

const look = { name: 'trifold_head', text: headStatement('select null as written') }

const recordingLook = {
  name: 'trifold_recorded_head',
  text: headStatement(
    insertHead(`select $5::bigint, $4::bigint, pg_current_snapshot(), now() where ${nothingFollows}`),
  ),
}

/** What there is after a window. */
export interface Head {
  /** Id of the newest window stored; if it is not the one that was asked for, `rows` is empty. */
  newest: number
  /** The current snapshot. */
  snapshot: string
  /** When it was taken, or a moment earlier: the transaction of the look began then. As PostgreSQL writes it. */
  takenAt: string
  /** In order of position; undefined if they are too many to be held at once. */
  rows: OutboxRow[] | undefined
  /** If the head was recorded: a place in the server's log that is written for good by now. */
  written: string | undefined
}

/** How {@link readHead} looks. */
export interface HeadOptions {
  /**
   * A snapshot up to which nothing followed the window: its own, or that of a later look. With an old one the rows of a
   * transaction that is still running would be passed over at every look.
   */
  since: Snapshot
  /** Most rows that are held at once. */
  limit: number
  /** Whether the snapshot is recorded if nothing follows: see `insertHead`. */
  record?: boolean | undefined
}

/** What became visible after `previous`, up to now. */
export async function readHead(client: pg.ClientBase, previous: Window, options: HeadOptions): Promise<Head> {
  const { since, limit, record = false } = options
  const { rows } = await client.query<RawRow>({
    ...(record ? recordingLook : look),
    values: [since.xmax, [...since.xip], limit + 1, previous.era, previous.id],
    rowMode: 'array',
  })
  const [first, ...found] = rows as [RawRow, ...RawRow[]]
  return {
    newest: Number(first[0]),
    written: first[1] ?? undefined,
    snapshot: first[2],
    takenAt: first[3],
    rows: found.length > limit ? undefined : found.map(rowOf).sort(byPosition),
  }
}

// `position + 0`: a plain min(position) would walk the primary key from the start of the log.
const extentStatement = `
  with window_rows as (
    select position, true as is_range
    from trifold.outbox
    where xid >= $1::xid8
      and xid < pg_snapshot_xmax($3::pg_snapshot)
      and pg_visible_in_snapshot(xid, $3::pg_snapshot)
      and era >= $4::bigint
    union all
    select straggler.position, false
    from unnest($2::xid8[]) as open (xid)
    cross join lateral (
      select position
      from trifold.outbox
      where outbox.xid = open.xid
        and era >= $4::bigint
      offset 0
    ) as straggler
    where pg_visible_in_snapshot(open.xid, $3::pg_snapshot)
  )
  select
    count(*) as event_count,
    min(position + 0) as first_position,
    min(position + 0) filter (where is_range) as floor,
    max(position + 0) filter (where is_range) as ceiling
  from window_rows`

/** How many rows lie between two snapshots, and the bounds of their positions. */
export async function readExtent(
  client: pg.ClientBase,
  previous: Window,
  end: string,
): Promise<{
  eventCount: number
  firstPosition: number | undefined
  floor: number | undefined
  ceiling: number | undefined
}> {
  const { rows } = await client.query({
    name: 'trifold_extent',
    text: extentStatement,
    values: [previous.snapshot.xmax, [...previous.snapshot.xip], end, previous.era],
  })
  const number = (text: string | null) => (text === null ? undefined : Number(text))
  return {
    eventCount: Number(rows[0].event_count),
    firstPosition: number(rows[0].first_position),
    floor: number(rows[0].floor),
    ceiling: number(rows[0].ceiling),
  }
}
