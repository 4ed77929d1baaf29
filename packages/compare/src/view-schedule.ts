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

/**
 * Who refreshes a view already. A worker that runs schedules has sessions of that name in the database; with Redis only
 * from time to time, so there a refresh of the last minute by the schedule counts too.
 */
export async function keptBySchedule(toolkit: Toolkit, target: string): Promise<string | undefined> {
  const { rows } = await toolkit.pool.query(
    `select
      exists (
        select
        from pg_stat_activity
        where datname = current_database()
          and application_name in ('trifold schedule', 'trifold schedule queue')
      ) as session,
      exists (
        select
        from trifold.refreshes
        where target = $1
          and cause = 'schedule'
          and finished_at > clock_timestamp() - interval '1 minute'
      ) as recent,
      exists (
        select
        from trifold.schedules
        where target = $1
          and not paused
      ) as scheduled`,
    [target],
  )
  const { session, recent, scheduled } = rows[0] as Record<string, string>
  if (scheduled !== 't') return undefined
  if (session === 't' || (toolkit.config.redis && recent === 't')) return 'another worker refreshes it'
  return undefined
}
