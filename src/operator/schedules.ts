import { isHeld } from '../detachment.ts'
import { TrifoldError } from '../errors.ts'
import { readSchedules, reset, type ScheduleRow, tune } from '../schedule.ts'
import { readDetachment } from '../schema/detachments.ts'
import { parseTarget } from '../target.ts'
import { configuredTiming, nextRun, readTiming, type Timing, type TimingInput } from '../timing.ts'
import type { Toolkit } from '../toolkit.ts'
import { priceOf, type SchedulePrice } from './price.ts'
import { warningOf } from './schedules/warning.ts'

/** The schedule of a view, as the table has it or as the configuration asks for it. */
export interface ScheduleEntry {
  target: string
  /** Undefined if only an operator refreshes it. */
  timing: Timing | undefined
  paused: boolean
  /** `config` even if no worker has written the row yet. */
  source: ScheduleRow['source']
  /** Whether a worker runs it. */
  isRunning: boolean
  /** Whether its read model is detached. */
  isDetached: boolean
  /** When it is refreshed next; undefined while it is paused or detached, or no worker runs it. */
  nextAt: Date | undefined
}

/** The schedules of all views that are configured. */
export async function schedules(toolkit: Toolkit): Promise<ScheduleEntry[]> {
  const rows = await readSchedules(toolkit.pool)
  return Promise.all(
    scheduled(toolkit).map(async (target) => {
      const row = rows.find((one) => one.target === target)
      if (row) return row
      return configuredEntry(toolkit, target)
    }),
  )
}

export interface TuneChange extends TimingInput {
  paused?: boolean | undefined
}

/** A schedule after a change, or as it would be. */
export interface ChangedSchedule extends ScheduleEntry {
  /** What the change cannot give; undefined if there is nothing to say. */
  warning: string | undefined
  /** The next three times at which it is due; none while it is paused, and none of a target lag. */
  due: Date[]
  /** What it costs, and for how long it holds; undefined without a schedule. */
  price: SchedulePrice | undefined
}

/**
 * Changes the schedule of a view; workers follow within half a minute. From then on the configuration does not
 * overwrite it.
 *
 * @param options.dryRun checks the change, says what the schedule would be, and changes nothing
 * @throws TARGET_UNKNOWN, READ_MODEL_UNKNOWN, SCHEDULE_INVALID
 */
export async function tuneSchedule(
  toolkit: Toolkit,
  target: string,
  change: TuneChange,
  options: { dryRun?: boolean } = {},
): Promise<ChangedSchedule> {
  const standing = await scheduleOf(toolkit, target)
  const asked = await readTiming(target, change)
  const timing = asked ?? standing.timing // a row that no worker has written yet is written, so that it can be paused
  const warning = await warningOf(toolkit, target, asked)
  if (!options.dryRun)
    return changed(toolkit, await tune(toolkit.pool, target, { timing, paused: change.paused }), warning)
  const paused = change.paused ?? standing.paused
  return changed(toolkit, { ...standing, timing, paused, source: 'operator', nextAt: undefined }, warning)
}

/**
 * Gives the schedule of a view back to its configuration, and resumes it; workers follow within half a minute.
 *
 * @param options.dryRun says what the schedule would be, and changes nothing
 * @throws TARGET_UNKNOWN, READ_MODEL_UNKNOWN, SCHEDULE_INVALID
 */
export async function resetSchedule(
  toolkit: Toolkit,
  target: string,
  options: { dryRun?: boolean } = {},
): Promise<ChangedSchedule> {
  const { isRunning } = await scheduleOf(toolkit, target)
  const configured = await configuredEntry(toolkit, target)
  const warning = await warningOf(toolkit, target, configured.timing)
  if (options.dryRun) return changed(toolkit, { ...configured, isRunning }, warning)
  await reset(toolkit.pool, target, configured.timing)
  return changed(toolkit, await scheduleOf(toolkit, target), warning)
}

/**
 * What a schedule of a view would cost, and for how long it would hold. Changes nothing.
 *
 * @param timing default the schedule that the view has
 * @throws TARGET_UNKNOWN, READ_MODEL_UNKNOWN; SCHEDULE_INVALID if the timing is, or if none is given and the view has none
 */
export async function priceSchedule(
  toolkit: Toolkit,
  target: string,
  timing: TimingInput = {},
): Promise<SchedulePrice> {
  const standing = await scheduleOf(toolkit, target)
  const wanted = (await readTiming(target, timing)) ?? standing.timing
  if (!wanted)
    throw new TrifoldError('SCHEDULE_INVALID', `schedule: ${target} has none; name an interval, a lag or a pattern`)
  return priceOf(toolkit, target, wanted)
}

async function changed(toolkit: Toolkit, entry: ScheduleEntry, warning: string | undefined): Promise<ChangedSchedule> {
  const { target, timing, paused } = entry
  return {
    ...entry,
    warning,
    due: timing && !paused ? await nextRuns(target, timing, 3) : [],
    price: timing && (await priceOf(toolkit, target, timing)),
  }
}

/** @throws TARGET_UNKNOWN, READ_MODEL_UNKNOWN, SCHEDULE_INVALID if the target is not refreshed by a schedule */
async function scheduleOf(toolkit: Toolkit, target: string): Promise<ScheduleEntry> {
  if (toolkit.target(target).fedBy !== 'schedule') throw notScheduled(toolkit, target)
  return (await schedules(toolkit)).find((entry) => entry.target === target) as ScheduleEntry
}

/** The schedule of the configuration, which no worker has written yet. */
const configuredEntry = async (toolkit: Toolkit, target: string): Promise<ScheduleEntry> => ({
  target,
  timing: await configuredTiming(target, toolkit.target(target).context.model),
  paused: false,
  source: 'config',
  isRunning: false,
  isDetached: isHeld(await readDetachment(toolkit.pool, parseTarget(target).readModel)),
  nextAt: undefined,
})

/** The next times at which a timing is due; none of a target lag, which goes by how long each refresh takes. */
export async function nextRuns(target: string, timing: Timing, count: number): Promise<Date[]> {
  const times: Date[] = []
  if (timing.kind === 'lag') return times
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

function notScheduled(toolkit: Toolkit, target: string): TrifoldError {
  return new TrifoldError(
    'SCHEDULE_INVALID',
    `schedule: ${target} is fed by events and has no schedule (those that have: ${scheduled(toolkit).join(', ') || 'none'})`,
  )
}
