import type pg from 'pg'
import { currentEra } from '../era.ts'
import { pruneWindows } from '../feed/prune.ts'
import { tick } from '../feed/tick.ts'
import { pruneInbox } from '../inbox/prune.ts'
import { failureOf, type Observation, type Observe } from '../observe.ts'
import { ensurePartitions } from '../outbox/partitions.ts'
import { applyRetention, type Retention } from '../outbox/retention.ts'
import { pause } from '../pause.ts'
import { pruneMinutes } from '../schema/minutes.ts'
import { expireParked } from '../schema/parked.ts'
import { pruneRefreshes } from '../schema/refreshes.ts'

const interval = 60_000

/** How long a window is kept once every consumer has passed it. */
const keepWindows = 3_600_000

/** A parked payload is a copy of the application's data. */
const keepParkedDays = 30

/** What an operator should look at. */
type Problem = Observation<'maintenance.failed' | 'partition.due'>

/** How long the history is kept: runs, and minutes. */
const keepHistoryDays = 30

/** What a worker keeps in shape, and how. */
export interface Upkeep extends Retention {
  /** How long the inbox knows an event, in milliseconds. */
  inbox: number
  /** Whether this worker reads the outbox. If not, nobody may: then windows are made here, so that events can go. */
  reads: boolean
}

/**
 * Keeps the outbox in shape until the signal aborts: partitions are created ahead and dropped when their time is over, and
 * windows and runs that nobody reads any more are deleted. Nothing waits for it, and what fails is tried again; several
 * workers may do it at once.
 */
export async function maintain(pool: pg.Pool, upkeep: Upkeep, signal: AbortSignal, observe?: Observe): Promise<void> {
  let before = new Set<string>()
  while (!signal.aborted) {
    const problems = await maintainOnce(pool, upkeep, signal, observe).catch(failed)
    const now = new Map(problems.map((problem) => [JSON.stringify(problem), problem]))
    for (const [text, problem] of now) if (!before.has(text)) observe?.(problem)
    before = new Set(now.keys())
    await pause(interval, signal)
  }
}

async function maintainOnce(
  pool: pg.Pool,
  upkeep: Upkeep,
  signal: AbortSignal,
  observe: Observe | undefined,
): Promise<Problem[]> {
  const client = await pool.connect()
  try {
    await currentEra(client, observe) // a worker that has views only takes no lease, which would notice
    const { due } = await ensurePartitions(client)
    await expireParked(client, keepParkedDays)
    if (!upkeep.reads) await tick(client)
    const prune = (all = false) => pruneWindows(client, { keepMilliseconds: all ? 0 : keepWindows, signal })
    await prune()
    const { closed, dropped, cutOff } = await applyRetention(client, upkeep, prune)
    for (const target of cutOff) observe?.({ kind: 'target.cut-off', ...target })
    for (const { name, bytes } of dropped) observe?.({ kind: 'partition.dropped', partition: name, bytes })
    if (closed) observe?.({ kind: 'partition.closed', partition: closed })
    await pruneInbox(client, upkeep.inbox, signal)
    await pruneRefreshes(client, keepHistoryDays)
    await pruneMinutes(client, keepHistoryDays)
    return due.map(({ name, reason, nextStep }) => ({ kind: 'partition.due', partition: name, reason, nextStep }))
  } finally {
    client.release()
  }
}

const failed = (error: unknown): Problem[] => [{ kind: 'maintenance.failed', error: failureOf(error) }]
