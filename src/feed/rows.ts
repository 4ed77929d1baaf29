import type pg from 'pg'
import { isVisible, type Snapshot } from './snapshot.ts'
import type { Window } from './window.ts'

/** A row of the outbox as the feed reads it. */
export interface OutboxRow {
  position: number
  xid: number
  type: string
  /** JSON text. */
  payload: string
}

type RawRow = [position: string, xid: string, type: string, payload: string]

const rowOf = ([position, xid, type, payload]: RawRow): OutboxRow => ({
  position: Number(position),
  xid: Number(xid),
  type,
  payload,
})

const byPosition = (a: OutboxRow, b: OutboxRow): number => a.position - b.position

// Every statement asks for `xid >= xmax(previous)` as a range and for `xid = any(xip(previous))` as a list: together
// exactly what is not visible in the previous snapshot, both by the index on xid. `xid >= xmin(previous)` would read
// again, at each poll, all that came since the oldest open transaction began. No bound on the position is remembered
// from earlier windows: xmax is the last *completed* id plus one, so a transaction that is still running can be at or
// above it and already hold a lower position. Rows of an earlier era are left out: their ids may mean nothing here.

// The statement's own snapshot is pg_current_snapshot(), so at the head no visibility function is needed; the upper bound
// leaves out what a restored dump brought from a cluster that was further on. Where somebody has stored a window after
// `previous` in the meantime, the rows are not looked for: there may be very many.
const headStatement = `
  with newest as materialized (
    select max(id) as id
    from trifold.windows
  )
  select
    (select id from newest)::text as place,
    null as xid,
    pg_current_snapshot()::text as type,
    null as payload
  union all
  (
    select position::text, xid::text, type, payload::text
    from trifold.outbox
    where xid >= $1::xid8
      and xid < pg_snapshot_xmax(pg_current_snapshot())
      and era >= $4::bigint
      and (select id from newest) = $5::bigint
    limit $3::bigint
  )
  union all
  (
    select straggler.*
    from unnest($2::xid8[]) as open (xid)
    cross join lateral (
      select position::text, outbox.xid::text, type, payload::text
      from trifold.outbox
      where outbox.xid = open.xid
        and era >= $4::bigint
        and (select id from newest) = $5::bigint
      limit $3::bigint
    ) as straggler
    where pg_visible_in_snapshot(open.xid, pg_current_snapshot())
  )`

/** What there is after a window. */
export interface Head {
  /** Id of the newest window stored; where it is not the one that was asked for, `rows` is empty. */
  newest: number
  /** The current snapshot. */
  snapshot: string
  /** In order of position; undefined where they are too many to be held at once. */
  rows: OutboxRow[] | undefined
}

/**
 * What became visible after `previous`, up to now.
 *
 * @param since a snapshot up to which nothing followed `previous`: its own, or that of a later look. With an old one the
 * rows of a transaction that is still running would be passed over at every look.
 * @param limit most rows that are held at once
 */
export async function readHead(client: pg.ClientBase, previous: Window, since: Snapshot, limit: number): Promise<Head> {
  const { rows } = await client.query<RawRow>({
    name: 'trifold_head',
    text: headStatement,
    values: [since.xmax, [...since.xip], limit + 1, previous.era, previous.id],
    rowMode: 'array',
  })
  const [first, ...found] = rows as [RawRow, ...RawRow[]]
  return {
    newest: Number(first[0]),
    snapshot: first[2],
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

const betweenStatement = `
  select position::text as place, xid::text, type, payload::text
  from trifold.outbox
  where xid >= $1::xid8
    and xid < pg_snapshot_xmax($3::pg_snapshot)
    and pg_visible_in_snapshot(xid, $3::pg_snapshot)
    and era >= $4::bigint
  union all
  select straggler.*
  from unnest($2::xid8[]) as open (xid)
  cross join lateral (
    select position::text, outbox.xid::text, type, payload::text
    from trifold.outbox
    where outbox.xid = open.xid
      and era >= $4::bigint
  ) as straggler
  where pg_visible_in_snapshot(open.xid, $3::pg_snapshot)`

/**
 * All rows after `previous` up to the end of the last of `windows`, a list for each window, each in order of position.
 * For windows that are small enough together to be held at once.
 */
export async function readSmallWindows(
  client: pg.ClientBase,
  previous: Window,
  windows: Window[],
): Promise<OutboxRow[][]> {
  const end = windows.at(-1) as Window
  const { rows } = await client.query<RawRow>({
    name: 'trifold_between',
    text: betweenStatement,
    values: [previous.snapshot.xmax, [...previous.snapshot.xip], end.snapshot.text, end.era],
    rowMode: 'array',
  })
  const lists: OutboxRow[][] = windows.map(() => [])
  for (const raw of rows) {
    const row = rowOf(raw)
    lists[firstShowing(windows, row.xid)]!.push(row)
  }
  for (const list of lists) list.sort(byPosition)
  return lists
}

/** The first window in which a transaction is visible. Once visible it stays so: bisection is right. */
function firstShowing(windows: Window[], xid: number): number {
  let low = 0
  let high = windows.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (isVisible(xid, windows[middle]!.snapshot)) high = middle
    else low = middle + 1
  }
  return low
}

// By primary key from the last position on. The condition on xid is hidden from the index on purpose (`<> all`, a
// function): next to `order by position limit n` the planner would take the index on xid and sort the window each time.
// For the transactions of the list it is the other way round: with `xid = …` it would walk the primary key to the end of
// the log. Compared as a pair, only the index on (xid, position) has their order.
const pageStatement = `
  select place, xid, type, payload
  from (
    (
      select position, position::text as place, xid::text, type, payload::text
      from trifold.outbox
      where position > $5::bigint
        and position <= $6::bigint
        and pg_visible_in_snapshot(xid, $3::pg_snapshot)
        and not pg_visible_in_snapshot(xid, $1::pg_snapshot)
        and xid <> all ($2::xid8[])
        and era >= $4::bigint
      order by position
      limit $8::bigint
    )
    union all
    select straggler.*
    from unnest($2::xid8[]) as open (xid)
    cross join lateral (
      select position, position::text as place, outbox.xid::text, type, payload::text
      from trifold.outbox
      where (outbox.xid, position) > (open.xid, $7::bigint)
        and (outbox.xid, position) <= (open.xid, 9223372036854775807)
        and era >= $4::bigint
      order by outbox.xid, position
      limit $8::bigint
    ) as straggler
    where pg_visible_in_snapshot(open.xid, $3::pg_snapshot)
  ) as page
  order by position
  limit $8::bigint`

/** Up to `limit` rows of one large window, in order of position, after position `after` (0 from the start). */
export async function readLargeWindow(
  client: pg.ClientBase,
  previous: Snapshot,
  window: Window,
  after: number,
  limit: number,
): Promise<OutboxRow[]> {
  const { rows } = await client.query<RawRow>({
    name: 'trifold_page',
    text: pageStatement,
    values: [
      previous.text,
      [...previous.xip],
      window.snapshot.text,
      window.era,
      Math.max(after, (window.floor ?? 0) - 1),
      window.ceiling ?? 0,
      after,
      limit,
    ],
    rowMode: 'array',
  })
  return rows.map(rowOf)
}
