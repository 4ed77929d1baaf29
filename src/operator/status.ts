import { changedSettings, compareDefinition } from '../drift.ts'
import { type Freshness, type FreshTarget, type LogFacts, readLog } from '../freshness.ts'
import type { Materializer, StorageStatus } from '../materializer.ts'
import { failureOf } from '../observe.ts'
import type { FedBy } from '../read-model/feed.ts'
import { checkRedis, readSchedules, type ScheduleRow } from '../schedule.ts'
import { storedTargets } from '../schema/generations.ts'
import { readVerified, type VerifiedFacts } from '../schema/verifications.ts'
import { parseTarget } from '../target.ts'
import type { BrokenTarget } from '../toolkit/targets.ts'
import type { Toolkit } from '../toolkit.ts'
import { type RecordedFacts, readFacts, type TargetFacts } from './status/facts.ts'
import { type Evidence, type Judged, judge, judgeDetached } from './status/judge.ts'
import { readSwitchStatus, type SwitchStatus } from './status/switches.ts'
import { withinTime } from './within-time.ts'

export type { TargetFacts } from './status/facts.ts'
export type { TargetState, Verdict } from './status/judge.ts'
export type { SwitchStatus } from './status/switches.ts'

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
    bytes: number | undefined
    /** Tombstones of removed rows; undefined of a store that keeps none. */
    tombstones: number | undefined
    /** What the last comparisons with the definition say; undefined if there was none of this generation. */
    verified: VerifiedFacts | undefined
    /** Columns that are not compared, because their values depend on the plan. */
    planDependent: string[]
    schedule: Pick<ScheduleRow, 'timing' | 'paused' | 'source' | 'isRunning' | 'nextAt'> | undefined
  }

/** What every target reflects, and how that is judged. */
export interface Status {
  /** True if no target is red. */
  ok: boolean
  verdict: Judged['verdict']
  feed: LogFacts
  targets: TargetStatus[]
  /** The switches that are stored, one a read model. */
  switches: SwitchStatus[]
  /** Targets of which something is stored and that this configuration lacks. They hold events until they lapse. */
  unconfigured: string[]
}

const engineTimeout = 5_000

/**
 * Looks at every target: what it reflects, who keeps it, and what is wrong. It changes nothing, and an engine that does
 * not answer makes its own targets red and no others.
 */
export async function status(toolkit: Toolkit): Promise<Status> {
  const names = toolkit.targetNames
  await Promise.all(names.map((target) => toolkit.current(target).catch(() => {}))) // what is broken says why below
  const [feed, facts, schedules, verified, stored, switches] = await Promise.all([
    readLog(toolkit.pool),
    readFacts(toolkit.pool, names.map(asFresh)),
    readSchedules(toolkit.pool),
    readVerified(toolkit.pool, names),
    storedTargets(toolkit.pool),
    readSwitchStatus(toolkit),
  ])
  const queueProblem = schedules.length === 0 ? undefined : await problemOfQueue(toolkit.config.redis)
  const targets = await Promise.all(
    names.map((target) => {
      const known = facts.get(target) as TargetFacts
      const schedule = schedules.find((row) => row.target === target)
      const broken = toolkit.broken.get(target)
      if (broken) return brokenStatus(broken, known, { schedule, verified: verified.get(target), now: feed.at })
      return targetStatus(toolkit.target(target), known, schedule, {
        now: feed.at,
        branched: feed.branched,
        readOnly: feed.readOnly,
        queueProblem,
        verified: verified.get(target),
      })
    }),
  )
  const verdict = worst(targets.map((target) => target.verdict))
  const unconfigured = stored.filter((target) => !names.includes(target))
  return { ok: verdict !== 'red', verdict, feed, targets, switches, unconfigured }
}

/** An index shows later what was applied. */
const asFresh = (target: string): FreshTarget => ({
  target,
  showsApplied: parseTarget(target).materializer !== 'search',
})

/** What is recorded of a target that cannot be opened. */
const brokenStatus = (
  broken: BrokenTarget,
  facts: TargetFacts,
  { schedule, verified, now }: { schedule: ScheduleRow | undefined; verified: VerifiedFacts | undefined; now: string },
): TargetStatus => ({
  target: broken.target,
  ...judgeBroken(broken, facts, now),
  ...recorded(facts),
  ...unseen,
  materializer: broken.materializer,
  fedBy: broken.feed,
  verified,
  planDependent: planDependentOf(facts),
  schedule: shownSchedule(schedule),
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

async function targetStatus(
  materializer: Materializer,
  facts: TargetFacts,
  schedule: ScheduleRow | undefined,
  seen: Pick<Evidence, 'now' | 'branched' | 'readOnly' | 'queueProblem' | 'verified'>,
): Promise<TargetStatus> {
  const { context, fedBy } = materializer
  const stored = await storageOf(materializer)
  const drift = await driftOf(materializer, facts)
  const judged = await judge({
    ...facts,
    fedBy,
    handlersConfigured: context.model.version ?? 1,
    schedule,
    ...seen,
    problem: stored.failure ?? (facts.detachedSince ? undefined : drift.problem), // a migration may be under way
    storageProblem: stored.problem,
    newer: drift.newer,
    changedSettings: facts.generation && changedSettings(facts.settings, materializer.settings),
  })
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
    verified: seen.verified,
    planDependent: planDependentOf(facts),
    schedule: shownSchedule(schedule),
  }
}

const planDependentOf = ({ resolution }: TargetFacts): string[] =>
  (resolution.planDependent ?? []).map(({ column }) => column)

/** Its reason, if the refreshes are late. */
async function problemOfQueue(redis: string | undefined): Promise<string | undefined> {
  if (!redis) return undefined
  return checkRedis(redis).then(
    () => undefined,
    (error: Error) => error.message,
  )
}

type Problem = { code: string; message: string }

async function storageOf(materializer: Materializer): Promise<StorageStatus & { failure?: Problem }> {
  try {
    return await withinTime(materializer.status(), engineTimeout, `${materializer.context.target}: its engine`)
  } catch (error) {
    return { storage: undefined, rows: undefined, sizeBytes: undefined, failure: problemOf(error) }
  }
}

const problemOf = (error: unknown): Problem => failureOf(error)

/** What the definition of today means for the generation that serves. */
async function driftOf(
  { context }: Materializer,
  facts: TargetFacts,
): Promise<{ newer?: string | undefined; problem?: Problem }> {
  if (!facts.generation) return {}
  const { target, definitionHash, columns, resolution, generation } = facts
  const built = { target, definitionVersion: generation.definitionVersion, definitionHash, columns, resolution }
  try {
    return { newer: await compareDefinition(context.pool, built, context.definition) }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

function worst(verdicts: readonly Judged['verdict'][]): Judged['verdict'] {
  if (verdicts.includes('red')) return 'red'
  return verdicts.includes('yellow') ? 'yellow' : 'green'
}
