import type { ExclusiveLock } from '../../schema/exclusive-locks.ts'
import type { Session } from '../../schema/sessions.ts'
import { lockNotAvailable } from '../../sql.ts'
import { shownTiming } from '../../timing.ts'
import { inSeconds, inThousands } from '../figures.ts'
import type { CauseFacts } from './cause-facts.ts'
import { changedDuration, tooShort } from './duration.ts'
import type { Evidence, Judged } from './judge.ts'
import { sessionText } from './lock-text.ts'

/**
 * What makes a target late. `lock`: its session waits for another one, or did when it failed. `failing`: its refresh, build or
 * handler fails. `worker-missing`, `worker-frozen`, `worker-overloaded`: nobody keeps it, or not as fast as it should. `queue`:
 * it is due, and nobody has begun. `growth`, `slow-engine`, `short-interval`: by how long its refreshes take. `backlog`: it has
 * more events to apply than it has had time for.
 */
export type CauseKind =
  | 'lock'
  | 'disk-full'
  | 'engine-away'
  | 'slow-engine'
  | 'failing'
  | 'worker-missing'
  | 'worker-frozen'
  | 'worker-overloaded'
  | 'queue'
  | 'long-transaction'
  | 'short-interval'
  | 'growth'
  | 'backlog'

/** Why a target is late. */
export interface Cause {
  kind: CauseKind
  /** For people, without an end stop. */
  sentence: string
  /** Of `lock` and `long-transaction`: who is waited for, the nearest first. */
  sessions: Session[]
  /** PostgreSQL's code of what failed. */
  sqlState: string | undefined
  /** When it is tried again, ISO 8601 in UTC, as far as that is known. */
  nextAttemptAt: string | undefined
}

/** A worker says every 1.25 s that it runs. */
export const unseenAfter = 6_000
const blockedFrom = 1_000

/** What a cause rests on. */
export interface CauseEvidence {
  evidence: Evidence
  judged: Judged
  facts: CauseFacts
  /** Exclusive locks on what it reads, and on its rows. */
  locks: readonly ExclusiveLock[]
}

type Found = Pick<Cause, 'kind' | 'sentence'> & Partial<Cause>

/** Why a target is late or fails; undefined if it does neither, or the verdict has another reason. */
export function causeOf(asked: CauseEvidence): Cause | undefined {
  const found = findCause(asked)
  return found && { sessions: [], sqlState: undefined, nextAttemptAt: undefined, ...found }
}

function findCause(asked: CauseEvidence): Found | undefined {
  const { evidence, judged } = asked
  if (judged.verdict === 'green' || judged.state === 'detached') return undefined
  return (
    engineCause(evidence) ??
    waitingCause(asked) ??
    failureCause(asked) ??
    lockedCause(asked) ??
    (evidence.fedBy === 'events' ? fedCause(asked) : scheduledCause(asked))
  )
}

function engineCause({ problem, storageProblem }: Evidence): Found | undefined {
  if (storageProblem?.reason.includes('disk may be full')) return { kind: 'disk-full', sentence: storageProblem.reason }
  if (!problem) return undefined
  const sentence = problem.message
  if (problem.code === 'SEARCH_UNREACHABLE' || problem.code === 'DATABASE_UNREACHABLE')
    return { kind: 'engine-away', sentence }
  if (problem.code === 'DATABASE_FULL') return { kind: 'disk-full', sentence }
  return { kind: problem.message.includes('did not answer within') ? 'slow-engine' : 'failing', sentence }
}

/** Its session waits now. */
function waitingCause({ evidence, facts }: CauseEvidence): Found | undefined {
  const sessions = facts.blockers.get(evidence.target) ?? []
  const [nearest] = sessions
  if (!nearest) return undefined
  const root = sessions.at(-1) as Session
  const behind = root === nearest ? '' : `, which waits itself for ${sessionText(root)}`
  return { kind: 'lock', sentence: `it waits for a lock that is held by ${sessionText(nearest)}${behind}`, sessions }
}

function lockedCause({ locks }: CauseEvidence): Found | undefined {
  const [lock] = locks
  return lock && { kind: 'lock', sentence: `${lock.relation} is locked by ${sessionText(lock)}`, sessions: [...locks] }
}

function failureCause(asked: CauseEvidence): Found | undefined {
  const failed = failedOf(asked.evidence)
  if (!failed) return undefined
  const { message, sqlState, code, attempt, nextAttemptAt } = failed
  const tries = attempt && attempt > 1 ? `for the ${ordinal(attempt)} time` : ''
  const again = nextAttemptAt ? `; it is tried again at ${nextAttemptAt}` : ''
  const found = { sqlState, nextAttemptAt }
  const sentence = `${message}${sqlState ? ` [${sqlState}]` : ''}${tries && ` ${tries}`}${again}`
  if (sqlState === '53100' || code === 'DATABASE_FULL')
    return { kind: 'disk-full', sentence: `the disk of PostgreSQL is full: ${sentence}`, ...found }
  if (sqlState === lockNotAvailable || code === 'DATABASE_LOCKED')
    return { ...(lockedCause(asked) ?? { kind: 'lock', sentence }), ...found }
  if (code?.endsWith('_UNREACHABLE') || /^(08|57P0)/.test(sqlState ?? ''))
    return { kind: 'engine-away', sentence, ...found }
  return { kind: 'failing', sentence: `it fails: ${sentence}`, ...found }
}

interface Failed {
  message: string
  code?: string | undefined
  sqlState?: string | undefined
  attempt?: number | null | undefined
  nextAttemptAt: string | undefined
}

/** What failed last: a view at its last refresh, anything else at what its worker tries again or has stopped at. */
function failedOf({
  fedBy,
  lastRefresh,
  trouble,
  failure,
  buildFailure,
  schedule,
  generation,
}: Evidence): Failed | undefined {
  const nextAttemptAt = trouble?.nextAt ?? schedule?.nextAt?.toISOString()
  if (fedBy === 'schedule' && generation) {
    if (lastRefresh?.outcome !== 'failed') return undefined
    return { ...lastRefresh, message: lastRefresh.error ?? '', nextAttemptAt }
  }
  if (failure) return { ...failure, nextAttemptAt: undefined }
  if (trouble) return { ...trouble, nextAttemptAt }
  return buildFailure && { ...buildFailure, nextAttemptAt: undefined }
}

const ordinal = (attempt: number): string => `${attempt}${['th', 'st', 'nd', 'rd'][attempt < 4 ? attempt : 0]}`

function fedCause({ evidence, judged, facts }: CauseEvidence): Found | undefined {
  const { consumer, eventsWaiting = 0 } = evidence
  if (judged.state === 'building') return undefined
  const frozen = frozenOf(evidence, facts)
  if (frozen) return frozen
  if (!consumer?.held) return missing
  if (judged.state !== 'behind') return undefined
  return (
    overloadedOf(evidence, facts) ??
    heldBack(facts) ?? {
      kind: 'backlog',
      sentence: `it has ${inThousands(eventsWaiting)} events to apply, and its worker has not got through them yet`,
    }
  )
}

const missing: Found = {
  kind: 'worker-missing',
  sentence: 'no worker keeps it: none runs, or those that run have other targets',
}

function scheduledCause({ evidence, judged, facts }: CauseEvidence): Found | undefined {
  const { queueProblem, schedule, target, lag = 0 } = evidence
  if (queueProblem) return { kind: 'engine-away', sentence: queueProblem }
  if (judged.state === 'missing' || (schedule && !schedule.paused && !schedule.isRunning)) return missing
  const frozen = frozenOf(evidence, facts)
  if (frozen) return frozen
  if (judged.state !== 'behind' || !schedule) return undefined
  const durations = facts.durations.get(target) ?? []
  const run = facts.runs.find((one) => one.target === target)
  const others = facts.runs.filter((one) => one.target !== target).map((one) => one.target)
  const due = `a refresh is due (${shownTiming(schedule.timing)}, it shows the tables as of ${inSeconds(lag)} ago)`
  if (!run && others.length > 0)
    return { kind: 'queue', sentence: `${due} and waits behind the refreshes of ${others.join(', ')}` }
  return (
    changedDuration(durations, run && Date.parse(evidence.now) - Date.parse(run.startedAt)) ??
    tooShort(durations, schedule.timing) ??
    overloadedOf(evidence, facts) ??
    heldBack(facts) ??
    (run
      ? {
          kind: 'slow-engine',
          sentence: `its refresh has been ${run.phase} since ${run.startedAt}, in PostgreSQL process ${run.pid}`,
        }
      : { kind: 'queue', sentence: `${due} and no worker has taken its job yet` })
  )
}

/** A session that is open although its worker says nothing any more. */
function frozenOf(evidence: Evidence, facts: CauseFacts): Found | undefined {
  const worker = workerOf(evidence, facts)
  if (!worker || worker.seenAgo < unseenAfter) return undefined
  return {
    kind: 'worker-frozen',
    sentence: `its worker ${worker.id} has connections but has said nothing for ${inSeconds(worker.seenAgo)}: its process is frozen or its event loop is blocked`,
  }
}

function overloadedOf(evidence: Evidence, facts: CauseFacts): Found | undefined {
  const worker = workerOf(evidence, facts)
  if (!worker?.blocked || worker.blocked < blockedFrom) return undefined
  return {
    kind: 'worker-overloaded',
    sentence: `the event loop of its worker ${worker.id} was blocked for ${inSeconds(worker.blocked)}: it has too much to do, or a handler computes for too long`,
  }
}

/** The worker that keeps a target, as far as its sessions are open. */
export function workerOf(
  { target, fedBy, consumer }: Pick<Evidence, 'target' | 'fedBy' | 'consumer'>,
  { workers, presence }: Pick<CauseFacts, 'workers' | 'presence'>,
): CauseFacts['workers'][number] | undefined {
  if (fedBy === 'events') return consumer?.isConnected ? workers.find(({ id }) => id === consumer.owner) : undefined
  const process = presence.get(target)
  if (process === undefined) return undefined
  return workers.filter(({ id }) => id.startsWith(process)).sort((a, b) => a.seenAgo - b.seenAgo)[0]
}

function heldBack({ oldest }: CauseFacts): Found | undefined {
  return (
    oldest && {
      kind: 'long-transaction',
      sentence: `a transaction has been open for longer than a minute, and until it ends PostgreSQL keeps every dead row for it, which slows all that reads them: ${sessionText(oldest)}`,
      sessions: [oldest],
    }
  )
}
