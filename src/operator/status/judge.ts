import { branches } from '../../freshness.ts'
import type { StorageProblem } from '../../materializer.ts'
import type { FedBy } from '../../read-model/feed.ts'
import type { ScheduleRow } from '../../schedule.ts'
import { type Failure, noEra } from '../../schema/consumers.ts'
import type { ExclusiveLock } from '../../schema/exclusive-locks.ts'
import type { BranchReason } from '../../schema/history.ts'
import type { Trouble } from '../../schema/troubles.ts'
import type { VerifiedFacts } from '../../schema/verifications.ts'
import { nextRun } from '../../timing.ts'
import { inSeconds } from '../figures.ts'
import type { TargetFacts } from './facts.ts'
import { lockText } from './lock-text.ts'
import { verifiedText } from './verified.ts'

/** `red`: an operator has to act. `yellow`: it is late, or about to be. `green`: all is well. */
export type Verdict = 'green' | 'yellow' | 'red'

/**
 * `missing`: never built. `building`: the first build is under way. `running`: it applies events, or refreshes. `idle`:
 * there is nothing to do. `behind`: it is later than it should be. `stopped`: nobody keeps it, or it stopped at an error.
 * `broken`: its definition or its configuration keeps it from being opened. `detached`: it is held for a migration.
 */
export type TargetState = 'missing' | 'building' | 'running' | 'idle' | 'behind' | 'stopped' | 'broken' | 'detached'

/** How a target is, and what to do about it. */
export interface Judged {
  state: TargetState
  verdict: Verdict
  /** One sentence: what makes the verdict, and what to do. */
  reason: string
}

/** What a verdict rests on. */
export interface Evidence
  extends Pick<
    TargetFacts,
    | 'target'
    | 'lag'
    | 'eventsWaiting'
    | 'generation'
    | 'rebuilding'
    | 'refreshing'
    | 'consumer'
    | 'parked'
    | 'buildFailure'
    | 'trouble'
    | 'lastRefresh'
    | 'detachedSince'
    | 'detachment'
  > {
  fedBy: FedBy
  failure: Failure | undefined
  /** The handlers' version in this configuration. */
  handlersConfigured: number
  schedule: ScheduleRow | undefined
  /** Whether the configuration gives it a schedule. */
  isScheduled?: boolean
  /** Why the queue of the schedules does not answer. */
  queueProblem: string | undefined
  /** What the last comparisons with the definition found. */
  verified?: VerifiedFacts | undefined
  /** The database's clock, ISO 8601. */
  now: string
  /** Whether the sessions of the role can only read. */
  readOnly?: boolean
  /** Why the history of the database may have branched, if no worker has begun the next era yet. */
  branched?: BranchReason | undefined
  /** Its engine does not answer, or its definition does not fit. */
  problem: { code?: string; message: string } | undefined
  /** What keeps readers from its storage. */
  storageProblem?: StorageProblem | undefined
  /** Locks that keep everybody from what it reads, or from its relation. */
  locks?: readonly ExclusiveLock[]
  /** Who holds the lock that its session waits for. */
  blocker?: string | undefined
  /** For how long its worker has said nothing although its connections are open, in milliseconds, if that is too long. */
  workerUnseen?: number | undefined
  /** What could not be looked at for a lock. */
  unread?: readonly string[]
  /** `definition v02`, if a newer definition waits for its build. */
  newer: string | undefined
  /** Which settings of the configuration are not those of what serves. */
  changedSettings: string | undefined
}

/** An event-fed target is behind from here on, in milliseconds of lag. */
const behindFrom = 10_000
/** A consumer that applies nothing for so long while events wait hangs. */
const hangsAfter = 30_000
/** BullMQ gives a job of a dead worker to another after 15 to 45 seconds. */
const longestGrace = 45_000
const shortestGrace = 5_000

/** The verdict on one target. */
export async function judge(evidence: Evidence): Promise<Judged> {
  const { problem, storageProblem, newer, fedBy } = evidence
  if (evidence.generation && problem) return red('stopped', problem.message)
  if (evidence.generation && storageProblem?.verdict === 'red') return red('stopped', storageProblem.reason)
  if (evidence.detachedSince) return judgeDetached(evidence, evidence.detachedSince)
  const judged = evidence.generation ? await judgeServing(evidence, fedBy) : judgeMissing(evidence)
  if (judged.verdict !== 'green') return judged
  if (evidence.buildFailure) return yellow(judged.state, `its last rebuild failed: ${evidence.buildFailure.message}`)
  if (storageProblem) return yellow(judged.state, storageProblem.reason)
  const hindered = hindranceText(evidence)
  if (hindered) return yellow(judged.state, `${judged.reason}; ${hindered}`)
  if (evidence.parked.events > 0) return yellow(judged.state, withoutParked(evidence, judged))
  if (!newer && evidence.changedSettings) return yellow(judged.state, unapplied(evidence.changedSettings, evidence))
  if (!newer && evidence.verified && evidence.verified.differing > 0)
    return yellow(judged.state, unrepaired(evidence.verified, evidence))
  if (!newer) return judged
  return yellow(judged.state, `${newer} is newer than what serves; a running worker builds it`)
}

function hindranceText({ locks = [], unread = [], blocker, workerUnseen }: Evidence): string | undefined {
  const texts = locks.map(lockText)
  if (blocker && texts.length === 0) texts.push(`it waits for a lock that is held by ${blocker}`)
  if (workerUnseen !== undefined) texts.push(`its worker has said nothing for ${inSeconds(workerUnseen)}`)
  if (unread.length > 0) texts.push(`not looked at for a lock: its ${unread.join(' and its ')}`)
  return texts.length === 0 ? undefined : texts.join('; ')
}

const unrepaired = (verified: VerifiedFacts, { target, now }: Evidence): string =>
  `${verifiedText(verified, now)}; run \`trifold verify ${target} --repair\`, and look for the cause`

function withoutParked({ parked, target }: Evidence, { reason }: Judged): string {
  const { events, suspectKeys, allSuspect } = parked
  const keys = allSuspect ? 'every key is suspect until it is rebuilt' : `${plural(suspectKeys, 'key')} suspect`
  return `${reason}; ${plural(events, 'event')} parked, ${keys}: \`trifold parked list --target ${target}\``
}

const unapplied = (changed: string, { target }: Evidence): string =>
  `it was built with ${changed}; restart the worker, or run \`trifold rebuild ${target}\``

const judgeServing = (evidence: Evidence, fedBy: Evidence['fedBy']): Judged | Promise<Judged> =>
  fedBy === 'events' ? judgeFed(evidence) : judgeScheduled(evidence)

function judgeMissing(evidence: Evidence): Judged {
  const { rebuilding, refreshing, target, lastRefresh, buildFailure, problem, storageProblem, trouble } = evidence
  if (trouble) return red('missing', `it was never built: ${failsAt(trouble)}`)
  if (problem) return red('missing', `it was never built: ${problem.message}`)
  if (storageProblem?.verdict === 'red') return red('missing', `it was never built: ${storageProblem.reason}`)
  const failed = buildFailure?.message ?? lastRefresh?.error
  const again = rebuilding || refreshing
  if (failed) return red('missing', `its first build failed: ${failed}${again ? '; another is under way' : ''}`)
  if (again) return yellow('building', 'its first build is under way')
  return red('missing', `it was never built; start \`trifold worker\`, or run \`trifold rebuild ${target}\``)
}

/** Readers get its last rows, so it is no failure; but someone has to attach it again. */
export function judgeDetached(
  { target, detachment, now }: Pick<Evidence, 'target' | 'detachment' | 'now'>,
  since: string,
): Judged {
  const [name] = target.split('@')
  const age = inSeconds(Math.max(0, Date.parse(now) - Date.parse(since)))
  const shown = `detached for ${age} (since ${since}): it shows the rows of then, and its events are kept`
  if (detachment?.state === 'detached')
    return yellow('detached', `${shown}; run \`trifold target attach ${name}\` after the migration`)
  const verb = detachment?.state === 'attaching' ? 'attach' : 'detach'
  const step = detachment?.isWorkedOn ? 'is at work on it' : 'was interrupted: run it again'
  return yellow('detached', `${shown}; \`trifold target ${verb} ${name}\` ${step}`)
}

function judgeFed(evidence: Evidence): Judged {
  const { failure, consumer, handlersConfigured, rebuilding, branched } = evidence
  if (failure) return red('stopped', `it stopped at ${failure.at}: ${failure.message}`)
  if (consumer?.era === noEra && !rebuilding)
    return red(
      'stopped',
      'it was cut off: the outbox dropped events that it had not read; a running worker rebuilds it',
    )
  if (consumer?.held) return judgeHeld(evidence)
  if (!consumer && !rebuilding)
    return red('stopped', 'its cursor is missing; a running worker builds the next generation')
  if (branched)
    return red('stopped', `the database ${branches[branched]}; start \`trifold worker\`, which begins the next era`)
  if (rebuilding) return yellow('building', 'its next generation is being built; the one before serves meanwhile')
  if ((consumer?.handlersVersion ?? 0) > handlersConfigured) return red('stopped', outdated(evidence))
  return judgeUnheld(evidence)
}

function judgeHeld({ lag = 0, eventsWaiting = 0, consumer, now, trouble }: Evidence): Judged {
  if (lag === 0) return green('idle', 'it shows every event')
  const sinceApplied = Date.parse(now) - Date.parse(consumer?.appliedAt ?? now)
  const waiting = `${plural(eventsWaiting, 'event')} behind, the oldest ${inSeconds(lag)} old`
  if (lag < behindFrom) return green('running', waiting)
  if (trouble) return red('behind', `${waiting}; ${failsAt(trouble)}`)
  if (sinceApplied < hangsAfter) return yellow('behind', `${waiting}; it is catching up`)
  return red(
    'behind',
    `${waiting}, and its consumer has applied nothing for ${inSeconds(sinceApplied)}; look at the worker's log`,
  )
}

function judgeUnheld(evidence: Evidence): Judged {
  const { lag = 0, eventsWaiting = 0, consumer, trouble, now } = evidence
  if (trouble) {
    const shows = lag === 0 ? 'it shows every event' : `${plural(eventsWaiting, 'event')} behind`
    const lasts = Date.parse(now) - Date.parse(trouble.since) > behindFrom
    return (lasts ? red : yellow)('stopped', `${shows}, but ${failsAt(trouble)}`)
  }
  const ended = consumer?.leaseUntil ? `, the last lease ran out at ${consumer.leaseUntil}` : ''
  if (lag === 0) return yellow('idle', `it shows every event, but no worker keeps it${ended}; ${nextStep(evidence)}`)
  const waiting = `${plural(eventsWaiting, 'event')} behind, the oldest ${inSeconds(lag)} old`
  return red('stopped', `${waiting}, and no worker keeps it${ended}; ${nextStep(evidence)}`)
}

const outdated = ({ consumer, handlersConfigured }: Evidence): string =>
  `it was last run with handlers version ${consumer?.handlersVersion}, this configuration has ${handlersConfigured}; ` +
  'deploy the newer handlers here, or raise `version` if these are the newer ones'

async function judgeScheduled(evidence: Evidence): Promise<Judged> {
  const { lag = 0, lastRefresh, refreshing, schedule, target } = evidence
  if (schedule?.problem) return red('stopped', schedule.problem)
  if (lastRefresh?.outcome === 'failed') {
    const again = refreshing ? '; another refresh is under way' : ''
    const failed = `its last refresh failed: ${lastRefresh.error}${again}`
    return mayPass(evidence) ? yellow('behind', `${failed}; it is tried again soon`) : red('stopped', failed)
  }
  const age = `it shows the tables as of ${inSeconds(lag)} ago`
  if (!schedule && evidence.isScheduled)
    return yellow('idle', `${age}; its schedule is not in the database, where a running worker writes it`)
  if (!schedule && !refreshing) return green('idle', `${age}; no schedule, refreshed by \`trifold refresh ${target}\``)
  const overdue = schedule && !schedule.paused ? await overdueBy(evidence, schedule) : -1
  const isLate = schedule !== undefined && overdue >= patienceOf(schedule)
  const isTooLate = schedule !== undefined && overdue >= graceOf(schedule)
  if (refreshing && isLate) return yellow('behind', `${age}; a refresh is under way, and the next is overdue`)
  if (refreshing) return green('running', 'a refresh is under way')
  if (schedule?.paused) return yellow('idle', `${age}; its schedule is paused (\`trifold schedule resume ${target}\`)`)
  const notRun = !schedule || schedule.isRunning ? '' : `; no worker runs its schedule${notRunBecause(evidence)}`
  const because = notRun || (evidence.queueProblem ? `: ${evidence.queueProblem}` : '')
  if (isLate)
    return (isTooLate ? red : yellow)('behind', `${age}; its refresh is overdue by ${inSeconds(overdue)}${because}`)
  return because ? yellow('idle', `${age}${because}`) : green('idle', age)
}

const notRunBecause = (evidence: Evidence): string => {
  const { queueProblem, trouble } = evidence
  if (queueProblem) return `: ${queueProblem}`
  return trouble ? `: ${failsAt(trouble)}` : `; ${nextStep(evidence)}`
}

const nextStep = ({ readOnly }: Evidence): string =>
  readOnly
    ? 'default_transaction_read_only is on for this role, so no worker can write: set it to off'
    : 'start `trifold worker`'

const failsAt = ({ worker, since, message }: Trouble): string =>
  `the worker ${worker} fails since ${since}, and tries again: ${message}`

/** How late a refresh may begin: three intervals (or so long beyond its lag), at least five seconds. */
const graceOf = ({ timing }: ScheduleRow): number =>
  timing.kind !== 'cron' ? Math.min(longestGrace, Math.max(shortestGrace, 3 * timing.ms)) : longestGrace

/** From here on it is late: one interval (or as long again as its lag), at least five seconds. */
const patienceOf = (schedule: ScheduleRow): number =>
  schedule.timing.kind === 'cron'
    ? graceOf(schedule)
    : Math.min(graceOf(schedule), Math.max(shortestGrace, schedule.timing.ms))

/** The first attempts of a refresh that is tried again before its next regular run. */
const mayPass = ({ trouble }: Evidence): boolean =>
  trouble?.nextAt != null && (trouble.attempt ?? 1) <= 2 && trouble.code !== 'DATABASE_FULL'

/** Milliseconds since the refresh that should have followed the last one; negative while it is not due. */
async function overdueBy(evidence: Evidence, schedule: ScheduleRow): Promise<number> {
  const { lastRefresh, generation, now, target, lag = 0 } = evidence
  if (schedule.timing.kind === 'lag') return lag - schedule.timing.ms
  const last = Date.parse(lastRefresh?.finishedAt ?? generation?.builtAt ?? now)
  const due = await nextRun(target, schedule.timing, Math.max(last, Date.parse(schedule.updatedAt)) + 1)
  return due === undefined ? -1 : Date.parse(now) - due
}

const green = (state: TargetState, reason: string): Judged => ({ state, verdict: 'green', reason })
const yellow = (state: TargetState, reason: string): Judged => ({ state, verdict: 'yellow', reason })
const red = (state: TargetState, reason: string): Judged => ({ state, verdict: 'red', reason })

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
