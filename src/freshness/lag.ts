import type pg from 'pg'
import { currentEra } from '../schema/era.ts'
import { askedTargets, reflectedBy } from '../schema/generations/reflected.ts'
import { notInWindows } from '../schema/outbox.ts'
import { newestWindow, oldestAfter } from '../schema/windows.ts'
import { utcText } from '../sql.ts'
import { askedValues, type FreshTarget } from './reflected.ts'

/** How far a target is behind. */
export type Freshness = Reflected & {
  /** Since when its read model is detached, ISO 8601 in UTC: it shows nothing later. Undefined if it is not. */
  detachedSince: string | undefined
}

/** How far a target is behind, by what it records. */
export type Reflected =
  /** Nothing serves yet. */
  | { record: 'none'; lag: undefined; eventsWaiting: undefined; reflectedAt: undefined }
  /** A cursor: events move it. */
  | {
      record: 'cursor'
      /** Milliseconds since the append of the oldest visible event that readers do not see; 0 if they see all. */
      lag: number
      /** Visible events that it has not applied. */
      eventsWaiting: number
      /** Not before the newest snapshot of this era that it reflects; undefined if it reflects none yet. */
      reflectedAt: string | undefined
    }
  /** The snapshot of its last refresh. */
  | {
      record: 'refresh'
      /** Milliseconds since that snapshot, whether anything has changed since or not. */
      lag: number
      eventsWaiting: undefined
      /** When that snapshot was taken, ISO 8601 in UTC. */
      reflectedAt: string
    }

const statement = `
  with ${askedTargets},
  ${reflectedBy(currentEra)},
  last_window as materialized (${newestWindow}
  ),
  not_in_windows as materialized (
    select newer.*
    from last_window
    cross join lateral (${notInWindows('last_window')}) as newer
  )
  select
    asked.target,
    asked.generation_id,
    asked.window_id,
    asked.detached_since,
    extract(epoch from clock_timestamp() - asked.snapshot_at) * 1000 as age,
    ${utcText('asked.snapshot_at')} as snapshot_at,
    ${utcText('(select max(taken_at) from reflected where reflected.target = asked.target)')} as reflected_at,
    last_window.first_ordinal + last_window.event_count - 1 - asked.ordinal + not_in_windows.events as events_waiting,
    extract(epoch from clock_timestamp() - coalesce(next_window.oldest_appended_at, not_in_windows.oldest)) * 1000 as lag
  from asked
  cross join last_window
  cross join not_in_windows
  left join lateral (${oldestAfter('asked.shown_window')}
  ) as next_window on true
  order by asked.place`

/**
 * How far each target is behind now, in one statement.
 *
 * @param pool of `database.ts`, whose values arrive as text
 * @returns by target
 */
export async function readFreshness(
  pool: Pick<pg.Pool, 'query'>,
  targets: readonly FreshTarget[],
): Promise<Map<string, Freshness>> {
  const { rows } = await pool.query({ name: 'trifold_freshness', text: statement, values: askedValues(targets) })
  return new Map(
    rows.map((row) => [row.target, { ...reflectedOf(row), detachedSince: row.detached_since ?? undefined }]),
  )
}

function reflectedOf(row: Record<string, string | null>): Reflected {
  if (row.generation_id === null) {
    return { record: 'none', lag: undefined, eventsWaiting: undefined, reflectedAt: undefined }
  }
  if (row.window_id === null) {
    const reflectedAt = row.snapshot_at as string
    return { record: 'refresh', lag: Number(row.age), eventsWaiting: undefined, reflectedAt }
  }
  const [lag, eventsWaiting] = [Number(row.lag ?? 0), Number(row.events_waiting)]
  return { record: 'cursor', lag, eventsWaiting, reflectedAt: row.reflected_at ?? undefined }
}
