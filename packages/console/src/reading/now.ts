import type { History, PastRun, Status, TargetHistory, TargetStatus } from 'trifold'
import { rateOf } from 'trifold/internal/timing/rate'

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
      return {
        status: target,
        past,
        used: await usedOf(target, past, Date.parse(status.feed.at)),
        worker: workerOf(target, past.runs),
      }
    }),
  )

async function usedOf(
  { schedule }: TargetStatus,
  { sums, runs }: TargetHistory,
  now: number,
): Promise<number | undefined> {
  if (!schedule || sums.p50 === undefined) return undefined
  // A pattern that cannot be read has been changed by hand: the status says so.
  const rate = await rateOf(schedule.timing, runs.filter(isRefresh).map(takenBy), now).catch(() => undefined)
  return rate && sums.p50 / rate.interval
}

const isRefresh = ({ cause, outcome }: PastRun): boolean =>
  outcome === 'refreshed' && (cause === 'schedule' || cause === 'manual')

/** From the request to the end. */
const takenBy = ({ queuedAt, startedAt, finishedAt }: PastRun): number =>
  Date.parse(finishedAt) - Date.parse(queuedAt ?? startedAt)

const workerOf = ({ consumer }: TargetStatus, [last]: readonly PastRun[]): string | undefined =>
  consumer ? (consumer.held ? consumer.owner : undefined) : last?.worker
