import { TrifoldError } from '../errors.ts'
import { readSchedules, type ScheduleRow, tune } from '../schedule.ts'
import { configuredTiming, nextRun, readTiming, type Timing, type TimingInput } from '../timing.ts'
import type { Toolkit } from '../toolkit.ts'

/** The schedule of a view, as the table has it or as the configuration asks for it. */
export interface ScheduleEntry {
  target: string
  /** Undefined where nothing refreshes it but a hand. */
  timing: Timing | undefined
  paused: boolean
  /** `config` also where no worker has written the row yet. */
  source: ScheduleRow['source']
  nextAt: Date | undefined
}

/** The schedules of all views that are configured. */
export async function schedules(toolkit: Toolkit): Promise<ScheduleEntry[]> {
  const rows = await readSchedules(toolkit.pool)
  return Promise.all(
    scheduled(toolkit).map(async (target) => {
      const row = rows.find((one) => one.target === target)
      if (row) return row
      const timing = await configuredTiming(target, toolkit.target(target).context.model)
      return {
        target,
        timing,
        paused: false,
        source: 'config' as const,
        nextAt: timing && (await dueAt(target, timing)),
      }
    }),
  )
}

export interface TuneChange extends TimingInput {
  paused?: boolean | undefined
}

/**
 * Changes the schedule of a view; workers follow within half a minute. From then on the configuration does not
 * overwrite it.
 *
 * @param options.dryRun checks the change and tells what would stand then, and changes nothing
 * @throws TARGET_UNKNOWN, READ_MODEL_UNKNOWN, SCHEDULE_INVALID
 */
export async function tuneSchedule(
  toolkit: Toolkit,
  target: string,
  change: TuneChange,
  options: { dryRun?: boolean } = {},
): Promise<ScheduleEntry> {
  if (toolkit.target(target).fedBy !== 'schedule') throw notScheduled(toolkit, target)
  const standing = (await schedules(toolkit)).find((entry) => entry.target === target) as ScheduleEntry
  const asked = await readTiming(target, change)
  const timing = asked ?? standing.timing // a row that no worker has written yet is written, so that it can be paused
  if (!options.dryRun) return tune(toolkit.pool, target, { timing, paused: change.paused })
  const paused = change.paused ?? standing.paused
  return {
    target,
    timing,
    paused,
    source: 'operator',
    nextAt: timing && !paused ? await dueAt(target, timing) : undefined,
  }
}

/** The next times at which a timing is due. */
export async function nextRuns(target: string, timing: Timing, count: number): Promise<Date[]> {
  const times: Date[] = []
  for (let at = Date.now(); times.length < count; ) {
    const next = await nextRun(target, timing, at + 1)
    if (next === undefined) break
    times.push(new Date(next))
    at = next
  }
  return times
}

const scheduled = (toolkit: Toolkit): string[] =>
  [...toolkit.targets.values()].filter(({ fedBy }) => fedBy === 'schedule').map(({ context }) => context.target)

async function dueAt(target: string, timing: Timing): Promise<Date | undefined> {
  const next = await nextRun(target, timing, Date.now())
  return next === undefined ? undefined : new Date(next)
}

function notScheduled(toolkit: Toolkit, target: string): TrifoldError {
  return new TrifoldError(
    'SCHEDULE_INVALID',
    `schedule: ${target} is fed by events and has no schedule (those that have: ${scheduled(toolkit).join(', ') || 'none'})`,
  )
}
