import { inBytes, inSeconds, inThousands } from '../../operator/figures.ts'
import type { FitForecast, RefreshCosts, SchedulePrice } from '../../operator/price.ts'
import type { ScheduleChange, ScheduleThen } from '../../operator/schedule-changes.ts'
import type { ChangedSchedule, ScheduleEntry } from '../../operator/schedules.ts'
import { shownTiming } from '../../timing.ts'
import { type Clock, clockOf } from '../clock.ts'

/** A schedule that was changed, or would be: when the view is due, what that costs, and for how long it holds. */
export function changedText(entry: ChangedSchedule, dryRun: boolean, timeZone: string | undefined): string {
  const clock = clockOf(timeZone, true)
  const due = entry.due.length > 0 ? [`due: ${entry.due.map(clock).join(', ')} (${clock.zone})`] : []
  const warning = entry.warning ? [`warning: ${entry.warning}`] : []
  return [
    `${dryRun ? 'would be ' : ''}${entryLine(entry, clock)}`,
    ...due,
    ...(entry.price ? priceLines(entry.price) : []),
    ...warning,
  ].join('\n')
}

/** A line for each view. */
export function listText(entries: readonly ScheduleEntry[], timeZone: string | undefined): string {
  const clock = clockOf(timeZone, true)
  return entries.map((entry) => entryLine(entry, clock)).join('\n') || 'no view is configured'
}

/** A line for each change. */
export function changesText(changes: readonly ScheduleChange[], timeZone: string | undefined): string {
  const clock = clockOf(timeZone, true)
  const line = ({ at, target, role, application, address, before, after }: ScheduleChange) =>
    `${clock(at)}  ${target}: ${thenText(before)} → ${thenText(after)}, by ${role} (${[application, address].filter(Boolean).join(', ')})`
  return changes.map(line).join('\n') || 'no schedule was changed'
}

function thenText(schedule: ScheduleThen | undefined): string {
  if (!schedule) return 'no schedule'
  const { timing, paused, source } = schedule
  return `${shownTiming(timing)}${paused ? ', paused' : ''} (${source})`
}

function entryLine(entry: ScheduleEntry, clock: Clock): string {
  const when = entry.timing ? shownTiming(entry.timing) : 'no schedule'
  const source = entry.source === 'config' ? 'from the configuration' : 'set by an operator'
  return `${entry.target}: ${when}, ${stateOf(entry, clock)} (${source})`
}

function stateOf({ timing, paused, isRunning, isDetached, nextAt }: ScheduleEntry, clock: Clock): string {
  if (isDetached) return 'detached'
  if (!timing) return 'by hand only'
  if (paused) return 'paused'
  if (!isRunning) return 'no worker runs it'
  return nextAt ? `next at ${clock(nextAt)}` : 'followed by the workers within half a minute'
}

function priceLines({ refreshes, milliseconds, costs, fits, alternative, missing }: SchedulePrice): string[] {
  return [
    ...(costs && milliseconds !== undefined
      ? [`costs: ${costsText(costs)}; by the last ${refreshes} refreshes, of ${inSeconds(milliseconds)} on average`]
      : []),
    ...(fits ? [`holds: ${fitText(fits)}`] : []),
    ...(alternative ? [`alternative: ${alternative}`] : []),
    ...missing.map((what) => `unknown: ${what}`),
  ]
}

const costsText = ({ refreshesPerHour, secondsPerHour, secondsPerDay, walBytesPerDay, share }: RefreshCosts): string =>
  [
    `${refreshesPerHour < 10 ? Number(refreshesPerHour.toFixed(2)) : inThousands(refreshesPerHour)} refreshes an hour`,
    `${inSeconds(1_000 * secondsPerHour)} of database time an hour (${inSeconds(1_000 * secondsPerDay)} a day)`,
    `${walBytesPerDay === undefined ? 'unknown' : inBytes(walBytesPerDay)} WAL a day`,
    `${(100 * share).toFixed(share < 0.1 ? 2 : 0)} % of the interval`,
  ].join(', ')

function fitText({ day, earliest, latest, growthPerDay, kind }: FitForecast): string {
  const growth = `refreshes grow by ${(100 * growthPerDay).toFixed(2)} % a day (${kind})`
  if (!day && !earliest) return `for ten years and more; ${growth}`
  const until = day ? `until ${day}` : 'for ten years and more'
  const between = `with 95 % confidence between ${earliest ?? 'never'} and ${latest ?? 'ten years and more'}`
  return `${until}, the first day on which it does not (${between}); ${growth}`
}
