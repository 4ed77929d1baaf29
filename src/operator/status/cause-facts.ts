import type pg from 'pg'
import { readPresence } from '../../schedule/presence.ts'
import { type BuildUnderWay, buildsUnderWay } from '../../schema/generations.ts'
import { type PastDuration, pastDurations } from '../../schema/refreshes.ts'
import { type RunUnderWay, runsUnderWay } from '../../schema/runs.ts'
import { blockersOf, oldestTransaction, type Session } from '../../schema/sessions.ts'
import { type SeenWorker, seenWorkers } from '../../schema/workers.ts'

/** What tells why a target is late, beside what is recorded of it. */
export interface CauseFacts {
  /** The refreshes and rebuilds of views that are under way. */
  runs: RunUnderWay[]
  /** The builds of tables and indexes that are under way. */
  builds: BuildUnderWay[]
  /** For whom the sessions of each target wait: the nearest first, and the one that all wait for last. */
  blockers: ReadonlyMap<string, Session[]>
  /** The last refreshes of each view that succeeded, the newest first. */
  durations: ReadonlyMap<string, PastDuration[]>
  workers: SeenWorker[]
  /** The process (host and pid) that runs the schedule of each view; undefined if it is of an earlier version. */
  presence: ReadonlyMap<string, string | undefined>
  /** The oldest transaction of others that has been open for longer than a minute. */
  oldest: Session | undefined
}

/** @param pool whose statements wait for no lock */
export async function readCauseFacts(pool: pg.Pool, targets: readonly string[]): Promise<CauseFacts> {
  const [runs, builds, blockers, durations, workers, presence, oldest] = await Promise.all([
    runsUnderWay(pool, targets),
    buildsUnderWay(pool, targets),
    blockersOf(pool, targets),
    pastDurations(pool, targets),
    seenWorkers(pool),
    readPresence(pool, targets),
    oldestTransaction(pool),
  ])
  return { runs, builds, blockers, durations, workers, presence, oldest }
}
