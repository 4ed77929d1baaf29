// The table `trifold.head`: one row, the newest snapshot up to which nothing followed the last window.
import { utcText } from '../sql.ts'

/**
 * A statement that records that nothing followed a window up to a snapshot: a target at the end of that window reflects it.
 * The record never moves backwards: a ticker that was held up does not overwrite a later snapshot. What is recorded gives
 * `written`, a place in the server's log that is written for good once the statement has returned.
 *
 * @param values a SELECT of the window, its era, the snapshot, and the snapshot's time or a moment earlier; or of no row
 */
export const insertHead = (values: string): string => `
    insert into trifold.head (window_id, era, snapshot, taken_at)
    ${values}
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
    returning pg_current_wal_insert_lsn()::text as written`

/** An SQL expression: when somebody last found nothing new, as text; null if nobody has. */
export const headTakenAt = `(select ${utcText('taken_at')} from trifold.head)`
