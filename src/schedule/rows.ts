import type pg from 'pg'
import { TrifoldError } from '../errors.ts'
import {
  deleteConfigured,
  giveBack,
  type StoredSchedule,
  storedSchedules,
  type TimingColumns,
  updatePaused,
  upsertConfigured,
  upsertTiming,
} from '../schema/schedules.ts'
import { type Pace, paceOf } from '../timing/pace.ts'
import { type LastStart, nextRun, shownTiming, type Timing } from '../timing.ts'
import { scheduleRuns } from './presence.ts'

/** The schedule of a target. */
export interface ScheduleRow {
  target: string
  timing: Timing
  /** Of a target lag: how often it has to be refreshed for it, and the refresh from which the next is counted. */
  pace: Pace | undefined
  last: LastStart | undefined
  paused: boolean
  /** Who wrote it: an operator's row wins over the configuration. */
  source: 'config' | 'operator'
  updatedAt: string
  /** Whether a process runs it. */
  isRunning: boolean
  /** Whether its read model is detached: it is not refreshed then. */
  isDetached: boolean
  /** When it is refreshed next, by the database's clock; undefined while it is paused or detached, or no process runs it. */
  nextAt: Date | undefined
  /** Why it cannot be run: its row was changed by hand to what no command writes. */
  problem: string | undefined
}

/** All schedules, by target. */
export async function readSchedules(client: pg.ClientBase | pg.Pool): Promise<ScheduleRow[]> {
  return Promise.all((await storedSchedules(client, scheduleRuns('target'))).map(rowOf))
}

async function rowOf(row: StoredSchedule): Promise<ScheduleRow> {
  const { target, source } = row
  const timing = timingOf(row)
  const pace = timing.kind === 'lag' ? paceOf(timing.ms, JSON.parse(row.taken)) : undefined
  const last = pace && row.last_start !== null ? { at: Number(row.last_start), interval: pace.interval } : undefined
  const paused = row.paused === 'true'
  const isRunning = row.running === 'true'
  const isDetached = row.detached === 'true'
  const next = await nextRun(target, timing, Number(row.now), last).catch((error: Error) => error)
  const problem =
    next instanceof Error
      ? `schedule: ${target} runs ${shownTiming(timing)}, which cannot be read (${next.message}); run \`trifold schedule reset ${target}\``
      : undefined
  const isDue = !paused && !isDetached && isRunning && typeof next === 'number'
  return {
    target,
    timing,
    pace,
    last,
    paused,
    source,
    updatedAt: row.updated_at,
    isRunning,
    isDetached,
    problem,
    nextAt: isDue ? new Date(next) : undefined,
  }
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
  if (timing) await upsertConfigured(client, target, columnsOf(timing), again)
  else await deleteConfigured(client, target)
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
  if (timing) await upsertTiming(pool, target, columnsOf(timing), paused)
  else if (!(await updatePaused(pool, target, paused))) throw noSchedule(target)
  const row = (await readSchedules(pool)).find((one) => one.target === target)
  return row as ScheduleRow
}

function columnsOf(timing: Timing): TimingColumns {
  if (timing.kind === 'cron') return [null, timing.pattern, timing.timeZone, null]
  return timing.kind === 'every' ? [timing.ms, null, null, null] : [halfOf(timing.ms), null, null, timing.ms]
}

/** By this interval a worker of an earlier version keeps a lag. */
const halfOf = (lag: number): number => Math.floor(lag / 2)

/** The timing of a row. */
export function timingOf({
  every_ms,
  lag_ms,
  cron,
  time_zone,
}: Pick<StoredSchedule, 'every_ms' | 'lag_ms' | 'cron' | 'time_zone'>): Timing {
  if (!every_ms) return { kind: 'cron', pattern: cron as string, timeZone: time_zone as string }
  const isLag = lag_ms !== null && Number(every_ms) === halfOf(Number(lag_ms))
  return isLag ? { kind: 'lag', ms: Number(lag_ms) } : { kind: 'every', ms: Number(every_ms) }
}

/**
 * Gives the schedule of a target back to the configuration, not paused.
 *
 * @param timing undefined if the configuration schedules nothing
 */
export async function reset(pool: pg.Pool, target: string, timing: Timing | undefined): Promise<void> {
  await giveBack(pool, target)
  await writeConfigured(pool, target, timing, true)
}

const noSchedule = (target: string): TrifoldError =>
  new TrifoldError(
    'SCHEDULE_INVALID',
    `schedule: ${target} has no schedule yet; give it an interval ("30s") or a cron pattern`,
  )
