import type pg from 'pg'
import { isVisible } from '../../snapshot.ts'
import type { Window } from '../windows.ts'
import { byPosition, type OutboxRow, type RawRow, rowOf } from './rows.ts'

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
    offset 0
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
