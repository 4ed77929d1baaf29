// The table `trifold.schedules`: the truth of the refresh schedules. The queue is reconciled with it.
import type pg from 'pg'
import { utcText } from '../sql.ts'
import { detachedSince } from './detachments.ts'
import { lastTaken } from './refreshes.ts'

/** The columns of a timing: an interval in milliseconds, a cron pattern with its time zone, or a lag with half of it as interval. */
export type TimingColumns = [everyMs: number | null, cron: string | null, timeZone: string | null, lagMs: number | null]

/** A row as the server sends it to a session of `database.ts`, in text. */
export interface StoredSchedule {
  target: string
  every_ms: string | null
  cron: string | null
  time_zone: string | null
  lag_ms: string | null
  /** When the last refresh that readers see began, in milliseconds since 1970; null before the first. */
  last_start: string | null
  /** How long the last refreshes took from request to end, in milliseconds, the newest first. */
  taken: string
  paused: 'true' | 'false'
  source: 'config' | 'operator'
  updated_at: string
  /** The database's clock, in milliseconds since 1970. */
  now: string
  running: 'true' | 'false'
  detached: 'true' | 'false'
}

/** All schedules, by target. @param running an SQL expression: whether a process runs the schedule of `target` */
export async function storedSchedules(
  client: Pick<pg.ClientBase, 'query'>,
  running: string,
): Promise<StoredSchedule[]> {
  const { rows } = await client.query(
    `select
      target, every_ms::text as every_ms, cron, time_zone, lag_ms::text as lag_ms, paused::text as paused, source,
      (
        select (extract(epoch from snapshot_at) * 1000)::text
        from trifold.generations as generation
        where generation.target = schedules.target
          and state = 'serving'
      ) as last_start,
      (${lastTaken('schedules.target')})::text as taken,
      ${utcText('updated_at')} as updated_at,
      (extract(epoch from clock_timestamp()) * 1000)::text as now,
      (${running})::text as running,
      (${detachedSince('target')} is not null)::text as detached
    from trifold.schedules
    order by target`,
  )
  return rows
}

/** Deletes the schedule of a target if the configuration wrote it. */
export async function deleteConfigured(client: Pick<pg.ClientBase, 'query'>, target: string): Promise<void> {
  await client.query(`delete from trifold.schedules where target = $1 and source = 'config'`, [target])
}

/** Writes the schedule of the configuration if there is none, or, with `again`, if the one there came from it too. */
export async function upsertConfigured(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  timing: TimingColumns,
  again: boolean,
): Promise<void> {
  await client.query(
    `insert into trifold.schedules as stored (target, every_ms, cron, time_zone, lag_ms, source)
    values ($1, $2, $3, $4, $5, 'config')
    on conflict (target) do update
    set every_ms = excluded.every_ms,
      cron = excluded.cron,
      time_zone = excluded.time_zone,
      lag_ms = excluded.lag_ms,
      updated_at = now()
    where $6::boolean
      and stored.source = 'config'
      and (stored.every_ms, stored.cron, stored.time_zone, stored.lag_ms)
        is distinct from (excluded.every_ms, excluded.cron, excluded.time_zone, excluded.lag_ms)`,
    [target, ...timing, again],
  )
}

/** Writes the schedule of an operator. @param paused undefined leaves it as it is */
export async function upsertTiming(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  timing: TimingColumns,
  paused: boolean | undefined,
): Promise<void> {
  await client.query(
    `insert into trifold.schedules as stored (target, every_ms, cron, time_zone, lag_ms, paused, source)
    values ($1, $2, $3, $4, $5, coalesce($6::boolean, false), 'operator')
    on conflict (target) do update
    set every_ms = excluded.every_ms,
      cron = excluded.cron,
      time_zone = excluded.time_zone,
      lag_ms = excluded.lag_ms,
      paused = coalesce($6::boolean, stored.paused),
      source = 'operator',
      updated_at = now()`,
    [target, ...timing, paused ?? null],
  )
}

/** Makes a schedule the operator's, paused or not. @returns false if the target has none */
export async function updatePaused(
  client: Pick<pg.ClientBase, 'query'>,
  target: string,
  paused: boolean | undefined,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update trifold.schedules
    set paused = coalesce($2::boolean, paused), source = 'operator', updated_at = now()
    where target = $1`,
    [target, paused ?? null],
  )
  return rowCount !== 0
}

/** Makes a schedule the configuration's again, not paused. */
export async function giveBack(client: Pick<pg.ClientBase, 'query'>, target: string): Promise<void> {
  await client.query(
    `update trifold.schedules
    set source = 'config', paused = false
    where target = $1`,
    [target],
  )
}

/** Deletes the schedule of a target. */
export async function deleteSchedule(client: pg.ClientBase, target: string): Promise<void> {
  await client.query('delete from trifold.schedules where target = $1', [target])
}
