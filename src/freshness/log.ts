import type pg from 'pg'
import { utcText } from '../sql.ts'

/** The log as all targets see it. */
export interface LogFacts {
  /** The database's clock when it was read. */
  at: string
  era: number
  lastWindow: number
  lastWindowAt: string
  /** When a worker last found nothing new. */
  headAt: string | undefined
  /** Visible events that no window holds yet: a running worker makes one at once. Counted up to 100,000. */
  waiting: number
}

/** Counting stops here: a log that nobody has read for a week is not scanned to say so. */
const countedEvents = 100_000

/** A statement: the newest window. */
export const lastWindow = `
    select id, first_ordinal, event_count, snapshot, taken_at
    from trifold.windows
    order by id desc
    limit 1`

/**
 * A statement: the oldest and the count of the visible events that the last window does not hold. Both branches go by the
 * index on xid; the statement's own snapshot hides what has not committed. Ids ascend with time, so that the oldest of the
 * first ones is the oldest of all.
 *
 * @param window the alias of {@link lastWindow}
 */
export const notInWindows = (window: string): string => `
    select min(appended_at) as oldest, count(*) as events
    from (
      (
        select appended_at
        from trifold.outbox
        where xid >= pg_snapshot_xmax(${window}.snapshot)
          and era = (select last_value from trifold.era)
        order by xid
        limit ${countedEvents}
      )
      union all
      (
        select appended_at
        from pg_snapshot_xip(${window}.snapshot) as open (xid)
        join trifold.outbox on outbox.xid = open.xid
        where outbox.era = (select last_value from trifold.era)
        limit ${countedEvents}
      )
    ) as newer`

const statement = `
  select
    ${utcText('clock_timestamp()')} as at,
    (select last_value from trifold.era) as era,
    last_window.id as last_window,
    ${utcText('last_window.taken_at')} as last_window_at,
    (select ${utcText('taken_at')} from trifold.head) as head_at,
    waiting.events as waiting
  from (${lastWindow}
  ) as last_window
  cross join lateral (${notInWindows('last_window')}) as waiting`

/** @param pool of `database.ts`, whose values arrive as text */
export async function readLog(pool: Pick<pg.Pool, 'query'>): Promise<LogFacts> {
  const { rows } = await pool.query(statement)
  const row = rows[0] as Record<string, string | null>
  return {
    at: row.at as string,
    era: Number(row.era),
    lastWindow: Number(row.last_window),
    lastWindowAt: row.last_window_at as string,
    headAt: row.head_at ?? undefined,
    waiting: Number(row.waiting),
  }
}
