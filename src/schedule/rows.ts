import type pg from 'pg'
import { TrifoldError } from '../errors.ts'
import { utcText } from '../sql.ts'
import { nextRun, type Timing } from '../timing.ts'
import { scheduleRuns } from './presence.ts'

/** A row of `trifold.schedules`, the truth of the schedules. */
export interface ScheduleRow {
  target: string
  timing: Timing
  paused: boolean
  /** Who wrote it: an operator's row wins over the configuration. */
  source: 'config' | 'operator'
  updatedAt: string
  /** Whether a process runs it. */
  isRunning: boolean
  /** When the target is refreshed next, by the database's clock; undefined while it is paused or no process runs it. */
  nextAt: Date | undefined
}

/** All schedules, by target. */
export async function readSchedules(client: pg.ClientBase | pg.Pool): Promise<ScheduleRow[]> {
  const { rows } = await client.query(
    `select
      target, every_ms::text as every_ms, cron, time_zone, paused::text as paused, source,
      ${utcText('updated_at')} as updated_at,
      (extract(epoch from clock_timestamp()) * 1000)::text as now,
      (${scheduleRuns('target')})::text as running
    from trifold.schedules
    order by target`,
  )
  return Promise.all(rows.map(rowOf))
}

async function rowOf(row: Record<string, string | null>): Promise<ScheduleRow> {
  const target = row.target as string
  const timing: Timing = row.every_ms
    ? { kind: 'every', ms: Number(row.every_ms) }
    : { kind: 'cron', pattern: row.cron as string, timeZone: row.time_zone as string }
  const paused = row.paused === 'true'
  const isRunning = row.running === 'true'
  return {
    target,
    timing,
    paused,
    source: row.source as ScheduleRow['source'],
    updatedAt: row.updated_at as string,
    isRunning,
    nextAt: paused || !isRunning ? undefined : await dueAt(target, timing, Number(row.now)),
  }
}

/** A pattern written into the table by hand may be invalid; the list must be. */
async function dueAt(target: string, timing: Timing, now: number): Promise<Date | undefined> {
  const next = await nextRun(target, timing, now).catch(() => undefined)
  return next === undefined ? undefined : new Date(next)
}

/**
 * Writes the schedule of the configuration if no operator has written one.
 *
 * @param timing undefined if the configuration schedules nothing: a row that it wrote before is removed
 * @param again whether the row that a configuration wrote before is overwritten
 */
export async function writeConfigured(
  client: pg.ClientBase | pg.Pool,
  target: string,
  timing: Timing | undefined,
  again: boolean,
): Promise<void> {
  if (!timing) {
    await client.query(`delete from trifold.schedules where target = $1 and source = 'config'`, [target])
    return
  }
  await client.query(
    `insert into trifold.schedules as stored (target, every_ms, cron, time_zone, source)
    values ($1, $2, $3, $4, 'config')
    on conflict (target) do update
    set every_ms = excluded.every_ms, cron = excluded.cron, time_zone = excluded.time_zone, updated_at = now()
    where $5::boolean
      and stored.source = 'config'
      and (stored.every_ms, stored.cron, stored.time_zone)
        is distinct from (excluded.every_ms, excluded.cron, excluded.time_zone)`,
    [target, ...columnsOf(timing), again],
  )
}

/**
 * Changes the schedule of a target: from then on the row is the operator's, and the configuration does not overwrite
 * it. Workers follow at their next reconciliation.
 *
 * @param change a new timing, or only `paused`
 * @throws SCHEDULE_INVALID if only `paused` is given and there is no schedule yet
 */
export async function tune(
  pool: pg.Pool,
  target: string,
  { timing, paused }: { timing?: Timing | undefined; paused?: boolean | undefined },
): Promise<ScheduleRow> {
  if (timing) await writeTiming(pool, target, timing, paused)
  else await writePaused(pool, target, paused)
  const row = (await readSchedules(pool)).find((one) => one.target === target)
  return row as ScheduleRow
}

/** `every_ms`, `cron`, `time_zone`. */
const columnsOf = (timing: Timing): [number | null, string | null, string | null] =>
  timing.kind === 'every' ? [timing.ms, null, null] : [null, timing.pattern, timing.timeZone]

async function writeTiming(pool: pg.Pool, target: string, timing: Timing, paused: boolean | undefined): Promise<void> {
  await pool.query(
    `insert into trifold.schedules as stored (target, every_ms, cron, time_zone, paused, source)
    values ($1, $2, $3, $4, coalesce($5::boolean, false), 'operator')
    on conflict (target) do update
    set every_ms = excluded.every_ms,
      cron = excluded.cron,
      time_zone = excluded.time_zone,
      paused = coalesce($5::boolean, stored.paused),
      source = 'operator',
      updated_at = now()`,
    [target, ...columnsOf(timing), paused ?? null],
  )
}

/**
 * Gives the schedule of a target back to the configuration, not paused.
 *
 * @param timing undefined if the configuration schedules nothing
 */
export async function reset(pool: pg.Pool, target: string, timing: Timing | undefined): Promise<void> {
  await pool.query(
    `update trifold.schedules
    set source = 'config', paused = false
    where target = $1`,
    [target],
  )
  await writeConfigured(pool, target, timing, true)
}

async function writePaused(pool: pg.Pool, target: string, paused: boolean | undefined): Promise<void> {
  const { rowCount } = await pool.query(
    `update trifold.schedules
    set paused = coalesce($2::boolean, paused), source = 'operator', updated_at = now()
    where target = $1`,
    [target, paused ?? null],
  )
  if (rowCount) return
  throw new TrifoldError(
    'SCHEDULE_INVALID',
    `schedule: ${target} has no schedule yet; give it an interval ("30s") or a cron pattern`,
  )
}
