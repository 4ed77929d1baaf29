import { readSchedules } from 'trifold/internal/schedule'
import { configuredTiming, nextRun, type Timing } from 'trifold/internal/timing'
import type { Toolkit } from 'trifold/internal/toolkit'

/** When a view is refreshed: as an operator tuned it, else as it is configured. */
export async function timingOf(toolkit: Toolkit, target: string): Promise<Timing> {
  const row = (await readSchedules(toolkit.pool)).find((one) => one.target === target)
  return row?.timing ?? ((await configuredTiming(target, toolkit.target(target).context.model)) as Timing)
}

/** Milliseconds from the next run to the one after it. */
export async function intervalOf(target: string, timing: Timing): Promise<number> {
  const now = Date.now()
  const first = (await nextRun(target, timing, now + 1)) ?? now
  const second = (await nextRun(target, timing, first + 1)) ?? first
  return second - first
}

/** Who refreshes a view already. */
export async function keptBySchedule(toolkit: Toolkit, target: string): Promise<string | undefined> {
  const row = (await readSchedules(toolkit.pool)).find((one) => one.target === target)
  return row?.isRunning && !row.paused ? 'another worker refreshes it' : undefined
}
