import type { History, PastRun, Status, TargetHistory, TargetStatus, Timing } from 'trifold'
import { nextRuns } from 'trifold/internal/operator/schedules'
import { paceOf } from 'trifold/internal/timing/pace'

/** A target as it is now, and its last day. */
export interface TargetNow {
  status: TargetStatus
  past: TargetHistory
  /** The share of the interval that a refresh takes, by the middle of the day's; undefined without a schedule or a refresh. */
  used: number | undefined
  /** Host and process of what keeps it, or of its last run. */
  worker: string | undefined
}

/** Puts together what is known of each target. */
export const readNow = (status: Status, history: History): Promise<TargetNow[]> =>
  Promise.all(
    status.targets.map(async (target) => {
      const past = history.targets.find((one) => one.target === target.target) as TargetHistory
      return { status: target, past, used: await usedOf(target, past), worker: workerOf(target, past.runs) }
    }),
  )

async function usedOf({ target, schedule }: TargetStatus, { sums, runs }: TargetHistory): Promise<number | undefined> {
  if (!schedule || sums.p50 === undefined) return undefined
  const interval = await intervalOf(target, schedule.timing, runs)
  return interval === undefined ? undefined : sums.p50 / interval
}

/** Milliseconds from one refresh to the next. */
async function intervalOf(target: string, timing: Timing, runs: readonly PastRun[]): Promise<number | undefined> {
  if (timing.kind === 'every') return timing.ms
  if (timing.kind === 'lag') return paceOf(timing.ms, runs.filter(isRefresh).map(takenBy)).interval
  const [first, second] = await nextRuns(target, timing, 2)
  return first && second && second.getTime() - first.getTime()
}

const isRefresh = ({ cause, outcome }: PastRun): boolean =>
  outcome === 'refreshed' && (cause === 'schedule' || cause === 'manual')

/** From the request to the end. */
const takenBy = ({ queuedAt, startedAt, finishedAt }: PastRun): number =>
  Date.parse(finishedAt) - Date.parse(queuedAt ?? startedAt)

const workerOf = ({ consumer }: TargetStatus, [last]: readonly PastRun[]): string | undefined =>
  consumer ? (consumer.held ? consumer.owner : undefined) : last?.worker
