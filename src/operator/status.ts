import type pg from 'pg'
import { lentPool } from '../database/lent-pool.ts'
import { TrifoldError } from '../errors.ts'
import { type FreshTarget, type LogFacts, readLog } from '../freshness.ts'
import { checkRedis, readSchedules } from '../schedule.ts'
import { exclusiveLocks } from '../schema/exclusive-locks.ts'
import { storedTargets } from '../schema/generations.ts'
import { readVerified } from '../schema/verifications.ts'
import { isRelay, parseTarget } from '../target.ts'
import type { Toolkit } from '../toolkit.ts'
import { readCauseFacts } from './status/cause-facts.ts'
import { readFacts, type TargetFacts } from './status/facts.ts'
import type { Judged } from './status/judge.ts'
import { lockText } from './status/lock-text.ts'
import { type RelayStatus, readRelays } from './status/relays.ts'
import { readSwitchStatus, type SwitchStatus } from './status/switches.ts'
import { brokenStatus, isLocked, type Known, type TargetStatus, targetStatus } from './status/target-status.ts'

export type { Cause, CauseKind } from './status/cause.ts'
export type { TargetFacts } from './status/facts.ts'
export type { TargetState, Verdict } from './status/judge.ts'
export type { RelayStatus } from './status/relays.ts'
export type { SwitchStatus } from './status/switches.ts'
export type { TargetStatus, Unread } from './status/target-status.ts'

/** What every target reflects, and how that is judged. */
export interface Status {
  /** True if no target and no relay is red. */
  ok: boolean
  verdict: Judged['verdict']
  feed: LogFacts
  targets: TargetStatus[]
  /** The switches that are stored, one a read model. */
  switches: SwitchStatus[]
  /** What publishes the outbox to topics. */
  relays: RelayStatus[]
  /** Targets of which something is stored and that this configuration lacks. They hold events until they lapse. */
  unconfigured: string[]
}

/** For so long a statement of a status waits for a lock, in milliseconds. */
export const lockPatience = 100

/**
 * Looks at every target: what it reflects, who keeps it, and what is wrong. It changes nothing, and an engine that does
 * not answer makes its own targets red and no others. It waits for no lock: what is locked is not looked at, and named.
 *
 * @throws DATABASE_LOCKED if a table of Trifold itself is locked
 */
export async function status(toolkit: Toolkit): Promise<Status> {
  const pool = lentPool(toolkit.pool, { lock_timeout: `${lockPatience}ms` })
  try {
    return await look(toolkit, pool)
  } catch (error) {
    throw isLocked(error) ? await ownTablesLocked(pool, error) : error
  }
}

async function look(toolkit: Toolkit, pool: pg.Pool): Promise<Status> {
  const names = toolkit.targetNames
  await reopen(toolkit, pool)
  const [feed, facts, schedules, verified, stored, switches, locks, causes] = await Promise.all([
    readLog(pool),
    readFacts(pool, names.map(asFresh)),
    readSchedules(pool),
    readVerified(pool, names),
    storedTargets(pool),
    readSwitchStatus(toolkit.config, pool),
    exclusiveLocks(pool),
    readCauseFacts(pool, names),
  ])
  const queueProblem = schedules.length === 0 ? undefined : await problemOfQueue(toolkit.config.redis)
  const { at: now, branched, readOnly } = feed
  const targets = await Promise.all(
    names.map((target) => {
      const known: Known = {
        facts: facts.get(target) as TargetFacts,
        schedule: schedules.find((row) => row.target === target),
        verified: verified.get(target),
        locks,
        causes,
        shared: { now, branched, readOnly, queueProblem },
      }
      return lookAt(toolkit, target, known, pool)
    }),
  )
  const relays = await readRelays(pool, stored.filter(isRelay))
  const verdict = worst([...targets, ...relays].map((one) => one.verdict))
  const unconfigured = stored.filter((target) => !names.includes(target) && !isRelay(target))
  return { ok: verdict !== 'red', verdict, feed, targets, switches, relays, unconfigured }
}

/** Opens what was broken before; what still is says why below. The targets of a read model have one definition. */
async function reopen(toolkit: Toolkit, pool: pg.Pool): Promise<void> {
  const ofModels = new Map(toolkit.targetNames.map((target) => [parseTarget(target).readModel, target]))
  const asked = new Set([...toolkit.targets.keys(), ...ofModels.values()])
  await Promise.all([...asked].map((target) => toolkit.current(target, pool).catch(() => {})))
}

/** A target whose definition is locked is looked at as it was built. */
async function lookAt(toolkit: Toolkit, target: string, known: Known, pool: pg.Pool): Promise<TargetStatus> {
  const broken = toolkit.broken.get(target)
  if (!broken) return targetStatus(toolkit.target(target), false, known, pool)
  const asBuilt = isLocked(broken.error) ? await toolkit.asBuilt(target) : undefined
  return asBuilt ? targetStatus(asBuilt, true, known, pool) : brokenStatus(broken, known)
}

/** An index shows later what was applied. */
const asFresh = (target: string): FreshTarget => ({
  target,
  showsApplied: parseTarget(target).materializer !== 'search',
})

/** Its reason, if the refreshes are late. */
async function problemOfQueue(redis: string | undefined): Promise<string | undefined> {
  if (!redis) return undefined
  return checkRedis(redis).then(
    () => undefined,
    (error: Error) => error.message,
  )
}

async function ownTablesLocked(pool: pg.Pool, cause: unknown): Promise<TrifoldError> {
  const locks = (await exclusiveLocks(pool)).filter(({ relation }) => relation.startsWith('trifold.'))
  const held = locks.length === 0 ? 'is locked' : locks.map(lockText).join('; ')
  return new TrifoldError(
    'DATABASE_LOCKED',
    `status: a table of the schema "trifold" cannot be read: ${held}; end that transaction and ask again`,
    { cause, details: { locks } },
  )
}

function worst(verdicts: readonly Judged['verdict'][]): Judged['verdict'] {
  if (verdicts.includes('red')) return 'red'
  return verdicts.includes('yellow') ? 'yellow' : 'green'
}
