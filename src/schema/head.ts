// The table `trifold.head`: one row, the newest snapshot up to which nothing followed the last window.
import type pg from 'pg'
import { utcText } from '../sql.ts'
import type { Window } from './windows.ts'

/**
 * Records that nothing followed `previous` up to the snapshot: a target at the end of that window reflects it.
 * The record never moves backwards: a ticker that was held up does not overwrite a later snapshot.
 *
 * @param taken the snapshot as PostgreSQL writes it; `takenAt` is its time or a moment earlier
 * @returns a place in the server's log that is written for good once this has returned; undefined if nothing was recorded
 */
export async function recordHead(
  client: pg.ClientBase,
  previous: Pick<Window, 'id' | 'era'>,
  taken: { snapshot: string; takenAt: string },
): Promise<string | undefined> {
  const { rows } = await client.query({
    name: 'trifold_record_head',
    text: `
      insert into trifold.head (window_id, era, snapshot, taken_at)
      values ($1::bigint, $2::bigint, $3::pg_snapshot, $4::timestamptz)
      on conflict (single) do update
      set
        window_id = excluded.window_id,
        era = excluded.era,
        snapshot = excluded.snapshot,
        taken_at = excluded.taken_at
      where head.era < excluded.era
        or (
          pg_snapshot_xmax(head.snapshot) <= pg_snapshot_xmax(excluded.snapshot)
          and not exists (
            select
            from pg_snapshot_xip(excluded.snapshot) as open (xid)
            where pg_visible_in_snapshot(open.xid, head.snapshot)
          )
        )
      returning pg_current_wal_insert_lsn()::text as written`,
    values: [previous.id, previous.era, taken.snapshot, taken.takenAt],
  })
  return rows[0]?.written
}

/** An SQL expression: when somebody last found nothing new, as text; null if nobody has. */
export const headTakenAt = `(select ${utcText('taken_at')} from trifold.head)`
