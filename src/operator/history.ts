import { TrifoldError } from '../errors.ts'
import { readSchedules } from '../schedule.ts'
import { type Part, type Period, shownRows, storedParts, storedRuns, storedSums } from '../schema/refreshes/history.ts'
import type { EndedRun } from '../schema/refreshes.ts'
import { instantOf } from '../timing/since.ts'
import { isTimeZone } from '../timing/time-zone.ts'
import type { Toolkit } from '../toolkit.ts'
import { type LagHeld, lagHeld } from './history/lag-held.ts'
import { targetsNamed } from './targets-named.ts'

export type { LagHeld } from './history/lag-held.ts'

/** A refresh, rebuild or recompute of keys. What is undefined is unknown. Times are ISO 8601 in UTC. */
export interface PastRun extends Pick<EndedRun, 'cause' | 'mode' | 'outcome'> {
  generation: number | undefined
  /** When it was asked for, got its lock and ended. */
  queuedAt: string | undefined
  startedAt: string
  finishedAt: string
  /** From its lock to its end. */
  milliseconds: number
  /** How long it waited for locks of tables, and the sessions that held them. */
  lockWait: { milliseconds: number; blockers: { pid: number; application: string; query: string | null }[] } | undefined
  /** Rows that the target had then. */
  rows: number | undefined
  bytes: number | undefined
  /** A refresh knows inserted and deleted rows only: a row that changed is both. */
  inserted: number | undefined
  changed: number | undefined
  deleted: number | undefined
  /** Known from PostgreSQL 18 on, without parallel workers. Buffers are pages. */
  walBytes: number | undefined
  buffersHit: number | undefined
  buffersRead: number | undefined
  /** The lag when it began, and when it ended, in milliseconds. */
  lagBefore: number | undefined
  lagAfter: number | undefined
  error: { code: string | undefined; sqlState: string | undefined; message: string } | undefined
  attempt: number | undefined
  /** Host and process. */
  worker: string | undefined
}

/** What the runs of a target in the period come to. Durations are milliseconds of refreshes that succeeded. */
export interface RunSums {
  refreshed: number
  rebuilt: number
  recomputed: number
  failed: number
  skipped: number
  p50: number | undefined
  p99: number | undefined
  longest: number | undefined
  /** What all of them took, and waited for locks. */
  worked: number
  lockWait: number
  /** Undefined if the server counts none (before PostgreSQL 18). */
  walBytes: number | undefined
}

/** A sixtieth of the period: its greatest lag, the events and keys that were applied, and its longest refresh or rebuild. */
export type HistoryPart = Omit<Part, 'target' | 'place'> & { since: string }

/** What has happened to one target. */
export interface TargetHistory {
  target: string
  sums: RunSums
  /** How the target lag of its schedule was kept; undefined if it has none, or nothing was shown. */
  held: LagHeld | undefined
  /** All parts of the period, in order. */
  parts: HistoryPart[]
  /** The last runs, the newest first. */
  runs: PastRun[]
}

/** What has happened to targets in a period. Times are ISO 8601 in UTC. */
export interface History {
  since: string
  until: string
  targets: TargetHistory[]
}

/** What to look at. */
export interface HistoryOptions {
  /** `24h` (so long ago; the default), `yesterday 18:00`, `2026-11-29 18:00`, an ISO time, or a date. */
  since?: string | Date | undefined
  /** The time zone of times without an offset; default this machine's. */
  timeZone?: string | undefined
  /** Most runs of each target; default 20. */
  limit?: number | undefined
}

const partCount = 60
const defaultLimit = 20
/** Most runs of a target that are given at once. */
export const mostRuns = 10_000

/**
 * The runs of targets in a period, what they cost, and how the lag went. It is kept for thirty days.
 *
 * @param names targets or read models; default all that are configured
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, HISTORY_INVALID
 */
export async function history(
  toolkit: Toolkit,
  names: readonly string[] = [],
  { since = '24h', timeZone = localZone(), limit = defaultLimit }: HistoryOptions = {},
): Promise<History> {
  if (!Number.isInteger(limit) || limit < 1 || limit > mostRuns)
    throw invalid(`the limit ${limit} is none; ask for 1 to ${mostRuns} runs`)
  if (!isTimeZone(timeZone)) throw invalid(`the time zone "${timeZone}" is unknown; write one such as "Europe/Berlin"`)
  const targets = names.length === 0 ? toolkit.targetNames : targetsNamed(toolkit, names)
  const { rows } = await toolkit.pool.query('select extract(epoch from clock_timestamp()) * 1000 as now')
  const now = Number(rows[0].now)
  const from = sinceOf(since, now, timeZone)
  const period = { since: new Date(from).toISOString(), until: new Date(now).toISOString() }
  const [held, sums, parts, ...runs] = await Promise.all([
    lagsHeld(toolkit, targets, period),
    storedSums(toolkit.pool, targets, period),
    storedParts(toolkit.pool, targets, period, partCount),
    ...targets.map((target) => storedRuns(toolkit.pool, target, period, limit)),
  ])
  return {
    ...period,
    targets: targets.map((target, place) => ({
      target,
      sums: sumsOf(sums.find((row) => row.target === target)),
      held: held.get(target),
      parts: allParts(
        parts.filter((part) => part.target === target),
        from,
        now,
      ),
      runs: (runs[place] ?? []).map(runOf),
    })),
  }
}

async function lagsHeld(toolkit: Toolkit, targets: readonly string[], period: Period): Promise<Map<string, LagHeld>> {
  const held = new Map<string, LagHeld>()
  for (const { target, timing } of await readSchedules(toolkit.pool)) {
    if (timing.kind !== 'lag' || !targets.includes(target)) continue
    const shown = await shownRows(toolkit.pool, target, period)
    const found = lagHeld(timing.ms, shown, Date.parse(period.since), Date.parse(period.until))
    if (found) held.set(target, found)
  }
  return held
}

/** The time zone of this machine. */
export const localZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

function sinceOf(since: string | Date, now: number, timeZone: string): number {
  const at = typeof since === 'string' ? instantOf(since, now, timeZone) : since.getTime()
  if (at === undefined || Number.isNaN(at))
    throw invalid(`"${since}" is no time; write "24h", "yesterday 18:00", "2026-11-29 18:00" or an ISO time`)
  if (at >= now) throw invalid(`"${since}" is not in the past; name an earlier time`)
  return at
}

const invalid = (what: string): TrifoldError => new TrifoldError('HISTORY_INVALID', `history: ${what}`)

function allParts(known: readonly Part[], from: number, until: number): HistoryPart[] {
  const byPlace = new Map(known.map((part) => [part.place, part]))
  return Array.from({ length: partCount }, (_, place) => {
    const { lag, events = 0, keys = 0, longest } = byPlace.get(place) ?? {}
    const since = new Date(from + ((until - from) * place) / partCount).toISOString()
    return { since, lag, events, keys, longest }
  })
}

type Row = Record<string, string | null>

const numberOf = (text: string | null | undefined): number | undefined =>
  text === null || text === undefined ? undefined : Number(text)

const sumsOf = (row: Row = {}): RunSums => ({
  refreshed: Number(row.refreshed ?? 0),
  rebuilt: Number(row.rebuilt ?? 0),
  recomputed: Number(row.recomputed ?? 0),
  failed: Number(row.failed ?? 0),
  skipped: Number(row.skipped ?? 0),
  p50: numberOf(row.p50),
  p99: numberOf(row.p99),
  longest: numberOf(row.longest),
  worked: Number(row.worked ?? 0),
  lockWait: Number(row.waited ?? 0),
  walBytes: Number(row.wal_known ?? 0) > 0 ? numberOf(row.wal) : undefined,
})

const runOf = (row: Row): PastRun => ({
  cause: row.cause as PastRun['cause'],
  mode: row.mode as PastRun['mode'],
  outcome: row.outcome as PastRun['outcome'],
  generation: numberOf(row.generation),
  queuedAt: row.queued_at ?? undefined,
  startedAt: row.started_at as string,
  finishedAt: row.finished_at as string,
  milliseconds: Number(row.milliseconds),
  lockWait:
    row.lock_wait_ms === null
      ? undefined
      : { milliseconds: Number(row.lock_wait_ms), blockers: JSON.parse(row.blockers ?? '[]') },
  rows: numberOf(row.row_count),
  bytes: numberOf(row.size_bytes),
  inserted: numberOf(row.rows_inserted),
  changed: numberOf(row.rows_changed),
  deleted: numberOf(row.rows_deleted),
  walBytes: numberOf(row.wal_bytes),
  buffersHit: numberOf(row.buffers_hit),
  buffersRead: numberOf(row.buffers_read),
  lagBefore: numberOf(row.lag_before_ms),
  lagAfter: numberOf(row.lag_after_ms),
  error: row.error
    ? { code: row.code ?? undefined, sqlState: row.sqlstate ?? undefined, message: row.error }
    : undefined,
  attempt: numberOf(row.attempt),
  worker: row.worker ?? undefined,
})
