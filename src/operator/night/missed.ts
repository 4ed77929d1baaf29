import type { ScheduleRow } from '../../schedule.ts'
import { nextRun } from '../../timing.ts'
import { inThousands } from '../figures.ts'
import type { History, PastRun, TargetHistory } from '../history.ts'
import { mostRuns } from '../history.ts'
import type { NightFinding } from './findings.ts'

/** A run that is due in the last moments may have yet to begin, in milliseconds. */
const grace = 60_000

/** Whether refreshes that were due did not run. What a target lag misses is late, and no refresh of it is due at a time. */
export async function missed(
  past: TargetHistory,
  schedule: ScheduleRow | undefined,
  { since, until }: Pick<History, 'since' | 'until'>,
): Promise<NightFinding[]> {
  if (!schedule || schedule.isDetached) return []
  if (schedule.paused) return [{ kind: 'missed', text: 'its schedule is paused', at: schedule.updatedAt }]
  if (schedule.timing.kind === 'lag' || schedule.problem !== undefined) return []
  const runs = past.runs.map(spanOf)
  // Of the time before the schedule was as it is now, and before the runs that are known, nothing can be said.
  const known = past.runs.length < mostRuns ? 0 : (runs.at(-1)?.begins ?? 0)
  const from = Math.max(Date.parse(since), Date.parse(schedule.updatedAt), known)
  const due = await dueBetween(schedule, from, Date.parse(until) - grace)
  const absent = due.filter((at, place) => !runs.some((run) => isOf(run, at, due[place + 1] ?? Date.parse(until))))
  const last = absent.at(-1)
  if (last === undefined) return []
  const text = `${inThousands(absent.length)} of ${inThousands(due.length)} refreshes did not run when they were due`
  return [{ kind: 'missed', text, at: new Date(last).toISOString() }]
}

interface Span {
  begins: number
  ends: number
  isSkipped: boolean
}

const spanOf = ({ queuedAt, startedAt, finishedAt, outcome }: PastRun): Span => ({
  begins: Date.parse(queuedAt ?? startedAt),
  ends: Date.parse(finishedAt),
  isSkipped: outcome === 'skipped',
})

/** Whether a run is the one of a time, or went on through it: those that are due during a long refresh are left out. */
const isOf = ({ begins, ends, isSkipped }: Span, due: number, next: number): boolean =>
  !isSkipped && begins < next && ends >= due

async function dueBetween({ target, timing }: ScheduleRow, from: number, until: number): Promise<number[]> {
  const due: number[] = []
  for (let at = from; ; ) {
    const next = await nextRun(target, timing, at)
    if (next === undefined || next > until || due.length >= mostRuns) return due
    due.push(next)
    at = next + 1
  }
}
