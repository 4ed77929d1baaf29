import type pg from 'pg'
import { changedSettings, compareDefinition } from '../../drift.ts'
import type { Freshness } from '../../freshness.ts'
import type { Materializer, StorageStatus } from '../../materializer.ts'
import { failureOf } from '../../observe.ts'
import type { FedBy } from '../../read-model/feed.ts'
import type { ScheduleRow } from '../../schedule.ts'
import type { ExclusiveLock } from '../../schema/exclusive-locks.ts'
import type { BuildUnderWay } from '../../schema/generations.ts'
import type { RunUnderWay } from '../../schema/runs.ts'
import type { VerifiedFacts } from '../../schema/verifications.ts'
import { lockNotAvailable, sqlStateOf } from '../../sql.ts'
import { parseTarget } from '../../target.ts'
import type { TimingInput } from '../../timing.ts'
import type { BrokenTarget } from '../../toolkit/targets.ts'
import { withinTime } from '../within-time.ts'
import { type Cause, causeOf, unseenAfter, workerOf } from './cause.ts'
import type { CauseFacts } from './cause-facts.ts'
import type { RecordedFacts, TargetFacts } from './facts.ts'
import { type Evidence, type Judged, judge, judgeDetached } from './judge.ts'
import { sessionText } from './lock-text.ts'

/** What a status could not look at, because somebody holds a lock. */
export type Unread = 'definition' | 'storage'

/** A target as it is now. Times are ISO 8601 in UTC, by the database's clock. */
export type TargetStatus = Judged &
  Freshness &
  Omit<RecordedFacts, 'definitionHash' | 'columns' | 'resolution' | 'settings'> & {
    materializer: string
    fedBy: FedBy
    /** The relation or index that serves. */
    storage: string | undefined
    /** Estimated if the engine estimates. */
    rows: number | undefined
    rowsEstimated: boolean
    /** Unknown also while the relation is locked. */
    bytes: number | undefined
    /** Tombstones of removed rows; undefined of a store that keeps none. */
    tombstones: number | undefined
    /** What the last comparisons with the definition say; undefined if there was none of this generation. */
    verified: VerifiedFacts | undefined
    /** Columns that are not compared, because their values depend on the plan. */
    planDependent: string[]
    schedule: Pick<ScheduleRow, 'timing' | 'paused' | 'source' | 'isRunning' | 'nextAt'> | undefined
    /** What could not be looked at, because somebody holds a lock on it: nothing is known of that. */
    unread: Unread[]
    /** Why it is late or fails; undefined if it does neither, or `reason` has it all. */
    cause: Cause | undefined
    /** The refresh, or the rebuild of a view, that is under way. */
    run: RunUnderWay | undefined
    /** The build of a table or an index that is under way. */
    build: BuildUnderWay | undefined
  }

/** What is known of a target before its engine is asked. */
export interface Known {
  facts: TargetFacts
  schedule: ScheduleRow | undefined
  verified: VerifiedFacts | undefined
  /** The exclusive locks of the database. */
  locks: readonly ExclusiveLock[]
  causes: CauseFacts
  /** What holds for all targets. */
  shared: Pick<Evidence, 'now' | 'branched' | 'readOnly' | 'queueProblem'>
}

const engineTimeout = 5_000

/** Whether somebody else's lock kept a statement from running. */
export const isLocked = (error: unknown): boolean => sqlStateOf(error) === lockNotAvailable

/** A target that cannot be opened. */
export const brokenStatus = (
  broken: BrokenTarget,
  { facts, schedule, verified, shared, causes }: Known,
): TargetStatus => ({
  target: broken.target,
  ...judgeBroken(broken, facts, shared.now),
  ...recorded(facts),
  ...unseen,
  materializer: broken.materializer,
  fedBy: broken.feed,
  verified,
  planDependent: planDependentOf(facts),
  schedule: shownSchedule(schedule),
  unread: isLocked(broken.error) ? ['definition'] : [],
  cause: undefined,
  ...underWay(broken.target, causes),
})

/** A migration may be why the definition does not compile, so a detached target is not red for it. */
function judgeBroken({ error }: BrokenTarget, facts: TargetFacts, now: string): Judged {
  if (!facts.detachedSince) return { state: 'broken', verdict: 'red', reason: error.message }
  const detached = judgeDetached({ ...facts, now }, facts.detachedSince)
  return { ...detached, reason: `${detached.reason}; as things are, it could not be attached: ${error.message}` }
}

const unseen = { storage: undefined, rows: undefined, rowsEstimated: false, bytes: undefined, tombstones: undefined }

const recorded = ({
  target: _target,
  definitionHash: _hash,
  columns: _columns,
  resolution: _resolution,
  settings: _settings,
  ...shown
}: TargetFacts) => shown

const shownSchedule = (row: ScheduleRow | undefined): TargetStatus['schedule'] =>
  row && { timing: row.timing, paused: row.paused, source: row.source, isRunning: row.isRunning, nextAt: row.nextAt }

/**
 * Looks at a target.
 *
 * @param isAsBuilt whether its definition cannot be read, so that it was opened with the columns of its generation
 * @param pool whose statements wait for no lock
 */
export async function targetStatus(
  materializer: Materializer,
  isAsBuilt: boolean,
  known: Known,
  pool: pg.Pool,
): Promise<TargetStatus> {
  const { context, fedBy } = materializer
  const { facts, schedule, verified, locks, shared, causes } = known
  const [stored, drift] = await Promise.all([
    storageOf(materializer, pool),
    isAsBuilt ? ({ isUnread: true } as Drift) : driftOf(materializer, facts, pool),
  ])
  const unread: Unread[] = [
    ...(drift.isUnread ? ['definition' as const] : []),
    ...(stored.isUnread ? ['storage' as const] : []),
  ]
  const own = locksOn(facts, stored.storage, locks)
  const evidence: Evidence = {
    ...facts,
    fedBy,
    handlersConfigured: context.model.version ?? 1,
    schedule,
    isScheduled: fedBy === 'schedule' && isScheduled(context.model.targets.view),
    verified,
    ...shared,
    locks: own,
    ...hindrances(materializer, facts, causes),
    unread,
    problem: stored.failure ?? (facts.detachedSince ? undefined : drift.problem), // a migration may be under way
    storageProblem: stored.problem,
    newer: drift.newer,
    changedSettings: facts.generation && changedSettings(facts.settings, materializer.settings),
  }
  const judged = await judge(evidence)
  return {
    target: context.target,
    ...judged,
    ...recorded(facts),
    materializer: parseTarget(context.target).materializer,
    fedBy,
    storage: stored.storage,
    rows: stored.rows,
    rowsEstimated: stored.rows !== undefined && stored.estimated === true,
    bytes: stored.sizeBytes,
    tombstones: stored.tombstones,
    verified,
    planDependent: planDependentOf(facts),
    schedule: shownSchedule(schedule),
    unread,
    cause: causeOf({ evidence, judged, facts: causes, locks: own }),
    ...underWay(context.target, causes),
  }
}

/** What its sessions wait for, and whether its worker is silent. */
function hindrances(
  { fedBy }: Materializer,
  facts: TargetFacts,
  causes: CauseFacts,
): Pick<Evidence, 'blocker' | 'workerUnseen'> {
  const [blocker] = causes.blockers.get(facts.target) ?? []
  const unseen = workerOf({ ...facts, fedBy }, causes)?.seenAgo ?? 0
  return { blocker: blocker && sessionText(blocker), workerUnseen: unseen < unseenAfter ? undefined : unseen }
}

const isScheduled = ({ every, lag, cron }: TimingInput = {}): boolean =>
  [every, lag, cron].some((one) => one !== undefined)

const underWay = (target: string, { runs, builds }: CauseFacts): Pick<TargetStatus, 'run' | 'build'> => ({
  run: runs.find((run) => run.target === target),
  build: builds.find((build) => build.target === target),
})

/** The locks on what a target reads, and on its relation. */
const locksOn = ({ resolution }: TargetFacts, storage: string | undefined, locks: readonly ExclusiveLock[]) =>
  locks.filter(
    ({ oid, relation }) =>
      relation.replaceAll('"', '') === storage || resolution.relations.some((one) => one.oid === oid),
  )

const planDependentOf = ({ resolution }: TargetFacts): string[] =>
  (resolution.planDependent ?? []).map(({ column }) => column)

type Problem = { code: string; message: string }

async function storageOf(
  materializer: Materializer,
  pool: pg.Pool,
): Promise<StorageStatus & { failure?: Problem; isUnread?: boolean }> {
  try {
    return await withinTime(materializer.status(pool), engineTimeout, `${materializer.context.target}: its engine`)
  } catch (error) {
    const unknown = { storage: undefined, rows: undefined, sizeBytes: undefined }
    return isLocked(error) ? { ...unknown, isUnread: true } : { ...unknown, failure: failureOf(error) }
  }
}

interface Drift {
  newer?: string | undefined
  problem?: Problem
  isUnread?: boolean
}

/** What the definition of today means for the generation that serves. */
async function driftOf({ context }: Materializer, facts: TargetFacts, pool: pg.Pool): Promise<Drift> {
  if (!facts.generation) return {}
  const { target, definitionHash, columns, resolution, generation } = facts
  const built = { target, definitionVersion: generation.definitionVersion, definitionHash, columns, resolution }
  try {
    return { newer: await compareDefinition(pool, built, context.definition) }
  } catch (error) {
    return isLocked(error) ? { isUnread: true } : { problem: failureOf(error) }
  }
}
