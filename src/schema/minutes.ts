// The table `trifold.minutes`: the lag and the throughput of every target, by minute.
import type pg from 'pg'

type Client = Pick<pg.ClientBase, 'query'>

/** What a worker has seen of a target since it wrote last. */
export interface Seen {
  target: string
  /** The greatest lag, in milliseconds; undefined if it was not known. */
  lag: number | undefined
  /** Events that were applied, and keys that they changed. */
  events: number
  keys: number
}

/** Adds what a worker has seen to the minute that it is now. Another worker may have written it too. */
export async function addToMinute(client: Client, seen: readonly Seen[]): Promise<void> {
  await client.query(
    `insert into trifold.minutes as known (minute, target, lag_ms, events, keys)
    select date_trunc('minute', clock_timestamp()), seen.target, seen.lag, seen.events, seen.keys
    from jsonb_to_recordset($1::jsonb) as seen (target text, lag double precision, events bigint, keys bigint)
    order by seen.target
    on conflict (minute, target) do update
    set
      lag_ms = greatest(known.lag_ms, excluded.lag_ms),
      events = known.events + excluded.events,
      keys = known.keys + excluded.keys`,
    [JSON.stringify(seen)],
  )
}

/** Deletes the minutes that are older than `days`. */
export async function pruneMinutes(client: Client, days: number): Promise<void> {
  await client.query(`delete from trifold.minutes where minute < now() - $1::integer * interval '1 day'`, [days])
}

/** Deletes the minutes of a target. */
export async function deleteMinutes(client: Client, target: string): Promise<void> {
  await client.query('delete from trifold.minutes where target = $1', [target])
}
