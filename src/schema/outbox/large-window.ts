import type pg from 'pg'
import type { Snapshot } from '../../snapshot.ts'
import type { Window } from '../windows.ts'
import { type OutboxRow, type RawRow, rowOf } from './rows.ts'

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
