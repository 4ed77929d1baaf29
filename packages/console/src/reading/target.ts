import type { Admin, PastRun, SchedulePrice, TargetHistory } from 'trifold'
import { TrifoldError } from 'trifold/internal/errors'
import type { TargetNow } from './now.ts'
import type { Sight } from './sight.ts'
import { readPrice } from './tune.ts'

/** The periods of the page of a target. */
export const periods = ['1h', '24h', '7d', '30d'] as const

/** What the page of a target shows. */
export interface TargetSeen extends TargetNow {
  at: string
  since: string
  until: string
  period: string
  /** Of its schedule; undefined if it has none. */
  price: SchedulePrice | undefined
  /** Failures of the same kind, the last one first. */
  failures: FailureKind[]
  /** Sessions that runs waited for, the one that cost most first. */
  blockers: BlockerKind[]
}

export interface FailureKind {
  code: string
  count: number
  lastAt: string
  message: string
}

export interface BlockerKind {
  application: string
  query: string | undefined
  /** Runs that it held up, and for how long in all, in milliseconds. */
  count: number
  waited: number
  lastAt: string
}

/** Enough for a view that is refreshed every ten minutes in a week. */
const runLimit = 1_000

/**
 * A target, and what happened to it in a period.
 *
 * @param target the name of one that is configured
 * @throws HISTORY_INVALID
 */
export async function readTarget(admin: Admin, sight: Sight, target: string, period: string): Promise<TargetSeen> {
  const [history, { status, targets }] = await Promise.all([
    admin.history(target, { since: periodOf(period), limit: runLimit }),
    sight.now(),
  ])
  const now = targets.find((one) => one.status.target === target) as TargetNow
  const past = history.targets[0] as TargetHistory
  const price = await readPrice(admin, target, now.status.schedule !== undefined)
  const { since, until } = history
  const kinds = { failures: failuresOf(past.runs), blockers: blockersOf(past.runs) }
  return { ...now, past, at: status.feed.at, since, until, period, price, ...kinds }
}

function periodOf(period: string): string {
  if (periods.some((one) => one === period)) return period
  throw new TrifoldError('HISTORY_INVALID', `console: there is no such period (there are: ${periods.join(', ')})`)
}

/** @param runs the newest first */
function failuresOf(runs: readonly PastRun[]): FailureKind[] {
  const kinds = new Map<string, FailureKind>()
  for (const { error, finishedAt } of runs) {
    if (!error) continue
    const code = [error.sqlState, error.code].filter(Boolean).join(', ') || 'unknown'
    const known = kinds.get(code)
    if (known) known.count += 1
    else kinds.set(code, { code, count: 1, lastAt: finishedAt, message: error.message })
  }
  return [...kinds.values()]
}

/** Of several blockers of a run each is counted with the whole wait: who of them was to blame is not known. */
function blockersOf(runs: readonly PastRun[]): BlockerKind[] {
  const kinds = new Map<string, BlockerKind>()
  for (const { lockWait, finishedAt } of runs)
    for (const { application, query } of lockWait?.blockers ?? []) {
      const name = JSON.stringify([application, query])
      const kind = kinds.get(name) ?? {
        application,
        query: query ?? undefined,
        count: 0,
        waited: 0,
        lastAt: finishedAt,
      }
      kind.count += 1
      kind.waited += lockWait?.milliseconds ?? 0
      kinds.set(name, kind)
    }
  return [...kinds.values()].sort((one, other) => other.waited - one.waited)
}
