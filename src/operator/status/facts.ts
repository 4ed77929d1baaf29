import type pg from 'pg'
import type { DetachmentState } from '../../detachment.ts'
import { type Freshness, type FreshTarget, readFreshness } from '../../freshness.ts'
import type { Failure } from '../../schema/consumers.ts'
import { factsStatement } from '../../schema/generations/facts.ts'
import type { Generation } from '../../schema/generations.ts'
import type { Trouble } from '../../schema/troubles.ts'

/** What the database knows of a target: how fresh it is, and who keeps it. */
export type TargetFacts = Freshness & RecordedFacts

/** What is recorded of a target. */
export interface RecordedFacts {
  target: string
  generation:
    | {
        number: number
        reason: string
        definitionVersion: number
        builtAt: string | undefined
        servedAt: string | undefined
      }
    | undefined
  /** The generation that the last rebuild has replaced, as long as it follows: `trifold rollback` serves it again. */
  warm: { number: number; until: string; lagMs: number; bytes: number | undefined } | undefined
  definitionHash: string
  columns: Generation['columns']
  resolution: Generation['resolution']
  settings: Generation['settings']
  /** Since when a rebuild or refresh is under way. */
  rebuilding: boolean
  refreshing: boolean
  /** How far the last detachment of its read model is, and whether a command works on it now. */
  detachment: { state: DetachmentState; isWorkedOn: boolean } | undefined
  consumer:
    | {
        era: number
        epoch: number
        window: number
        ordinal: number
        handlersVersion: number
        owner: string | undefined
        /** Whether the lease runs and its connection is open. */
        held: boolean
        /** Whether its connection is open. */
        isConnected: boolean
        leaseUntil: string | undefined
        appliedAt: string | undefined
      }
    | undefined
  failure: Failure | undefined
  /** At what a running worker fails, and tries again. */
  trouble: Trouble | undefined
  /** What it could not take: parked events, the keys that are suspect because of them, and whether every key is. */
  parked: { events: number; suspectKeys: number; allSuspect: boolean }
  /** Why the newest build failed, if it did. */
  buildFailure: Pick<Failure, 'code' | 'message' | 'at'> | undefined
  lastRefresh: RefreshFacts | undefined
}

/** The last refresh of a view. Times are ISO 8601 in UTC. */
export interface RefreshFacts {
  cause: 'rebuild' | 'schedule' | 'manual'
  mode: 'concurrently' | 'blocking'
  outcome: 'refreshed' | 'failed'
  error: string | undefined
  /** The code of Trifold, and PostgreSQL's. */
  code: string | undefined
  sqlState: string | undefined
  /** 1 unless it was tried again. */
  attempt: number | undefined
  startedAt: string
  finishedAt: string
  milliseconds: number
  rows: number | undefined
  /** The middle of the last twenty refreshes that succeeded, in milliseconds. */
  typicalMilliseconds: number | undefined
}

type Raw = Record<string, string | null>

/** @param pool of `database.ts`, whose values arrive as text */
export async function readFacts(pool: pg.Pool, targets: readonly FreshTarget[]): Promise<Map<string, TargetFacts>> {
  const freshness = await readFreshness(pool, targets)
  const { rows } = await pool.query(factsStatement, [targets.map(({ target }) => target)])
  const facts = (rows as Raw[]).map(recordedFacts)
  return new Map(facts.map((one) => [one.target, { ...(freshness.get(one.target) as Freshness), ...one }]))
}

const numberOf = (text: string | null | undefined): number | undefined =>
  text === null || text === undefined ? undefined : Number(text)

function recordedFacts(row: Raw): RecordedFacts {
  return {
    target: row.target as string,
    generation: row.generation === null ? undefined : generationFacts(row),
    warm: row.warm_number === null ? undefined : warmFacts(row),
    definitionHash: row.definition_hash ?? '',
    columns: JSON.parse(row.columns ?? '[]'),
    resolution: JSON.parse(row.resolution ?? '{"catalog": "", "relations": [], "functions": []}'),
    settings: JSON.parse(row.settings ?? '{}'),
    rebuilding: row.rebuilding === 't',
    refreshing: row.refreshing === 't',
    detachment: row.detachment === null ? undefined : detachmentFacts(row),
    consumer: row.epoch === null ? undefined : consumerFacts(row),
    parked: {
      events: Number(row.parked_events),
      suspectKeys: Number(row.suspect_keys),
      allSuspect: row.all_suspect === 't',
    },
    failure: row.failure === null ? undefined : JSON.parse(row.failure as string),
    trouble: row.trouble ? JSON.parse(row.trouble) : undefined,
    buildFailure: row.build_failure === null ? undefined : JSON.parse(row.build_failure as string),
    lastRefresh: row.refresh_started_at === null ? undefined : refreshFacts(row),
  }
}

const detachmentFacts = (row: Raw): TargetFacts['detachment'] => ({
  state: row.detachment as DetachmentState,
  isWorkedOn: row.detaching === 't',
})

const warmFacts = (row: Raw): TargetFacts['warm'] => ({
  number: Number(row.warm_number),
  until: row.warm_until as string,
  lagMs: Math.round(Number(row.warm_lag)),
  bytes: numberOf(row.warm_bytes),
})

const generationFacts = (row: Raw): TargetFacts['generation'] => ({
  number: Number(row.generation),
  reason: row.reason as string,
  definitionVersion: Number(row.definition_version),
  builtAt: row.built_at ?? undefined,
  servedAt: row.served_at ?? undefined,
})

const consumerFacts = (row: Raw): TargetFacts['consumer'] => ({
  era: Number(row.era),
  epoch: Number(row.epoch),
  window: Number(row.window_id),
  ordinal: Number(row.ordinal),
  handlersVersion: Number(row.handlers_version),
  owner: row.owner ?? undefined,
  held: row.held === 't',
  isConnected: row.connected === 't',
  leaseUntil: row.lease_until ?? undefined,
  appliedAt: row.applied_at ?? undefined,
})

const refreshFacts = (row: Raw): RefreshFacts => ({
  cause: row.refresh_cause as RefreshFacts['cause'],
  mode: row.refresh_mode as RefreshFacts['mode'],
  outcome: row.refresh_outcome as RefreshFacts['outcome'],
  error: row.refresh_error ?? undefined,
  code: row.refresh_code ?? undefined,
  sqlState: row.refresh_sqlstate ?? undefined,
  attempt: numberOf(row.refresh_attempt),
  startedAt: row.refresh_started_at as string,
  finishedAt: row.refresh_finished_at as string,
  milliseconds: Number(row.refresh_milliseconds),
  rows: numberOf(row.refresh_rows),
  typicalMilliseconds: numberOf(row.typical_milliseconds),
})
