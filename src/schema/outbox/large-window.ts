import type pg from 'pg'
import type { Snapshot } from '../../snapshot.ts'
import type { Window } from '../windows.ts'
import { byPosition, type OutboxRow } from './rows.ts'

// By primary key from the last position on. The condition on xid is hidden from the index on purpose (`<> all`, a
// function): next to `order by position limit n` the planner would take the index on xid and sort the window each time.
// For the transactions of the list it is the other way round: with `xid = …` it would walk the primary key to the end of
// the log. Compared as a pair, only the index on (xid, position) has their order.
//
// The driver makes objects of each row, so neighbours come in one. Between their payloads stands a character that JSON has
// nowhere: it is no white space, and a string escapes it. One text for all could be longer than PostgreSQL or JavaScript holds.
const pageStatement = `
  select
    json_agg(position) as positions,
    json_agg(xid) as xids,
    json_agg(type) as types,
    string_agg(payload, chr(30)) as payloads
  from (
    (
      select position, xid, type, payload::text
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
      select position, outbox.xid, type, payload::text
      from trifold.outbox
      where (outbox.xid, position) > (open.xid, $7::bigint)
        and (outbox.xid, position) <= (open.xid, 9223372036854775807)
        and era >= $4::bigint
      order by outbox.xid, position
      limit $8::bigint
    ) as straggler
    where pg_visible_in_snapshot(open.xid, $3::pg_snapshot)
    order by position
    limit $8::bigint
  ) as part
  group by position / 64`

/** Neighbours as the server sends them: three lists in JSON, and the payloads. */
type RawGroup = [positions: string, xids: string, types: string, payloads: string]

/** Up to `limit` rows of one large window, in order of position, after position `after` (0 from the start). */
export async function readLargeWindow(
  client: pg.ClientBase,
  previous: Snapshot,
  window: Window,
  after: number,
  limit: number,
): Promise<OutboxRow[]> {
  const { rows } = await client.query<RawGroup>({
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
  return rows.flatMap(rowsOf).sort(byPosition)
}

function rowsOf([positions, xids, types, payloads]: RawGroup): OutboxRow[] {
  const positionOf = JSON.parse(positions) as number[]
  const xidOf = JSON.parse(xids) as string[]
  const typeOf = JSON.parse(types) as string[]
  return payloads.split('\x1e').map((payload, place) => ({
    ordinal: 0,
    position: positionOf[place] as number,
    xid: Number(xidOf[place]),
    type: typeOf[place] as string,
    payload,
  }))
}
