import type pg from 'pg'
import { pruneWindows } from '../feed/prune.ts'
import { failureOf, type Observation, type Observe } from '../observe.ts'
import { ensurePartitions } from '../outbox/partitions.ts'
import { pause } from '../pause.ts'
import { expireParked } from '../schema/parked.ts'

const interval = 60_000

/** How long a window is kept once every consumer has passed it. */
const keepWindows = 3_600_000

/** A parked payload is a copy of the application's data. */
const keepParkedDays = 30

/** What an operator should look at. */
type Problem = Observation<'maintenance.failed' | 'partition.due'>

/**
 * Keeps the outbox in shape until the signal aborts: partitions are created ahead, windows that nobody reads any more
 * are deleted. Nothing waits for it, and what fails is tried again; several workers may do it at once.
 */
export async function maintain(pool: pg.Pool, signal: AbortSignal, observe?: Observe): Promise<void> {
  let before = new Set<string>()
  while (!signal.aborted) {
    const problems = await maintainOnce(pool, signal).catch(failed)
    const now = new Map(problems.map((problem) => [JSON.stringify(problem), problem]))
    for (const [text, problem] of now) if (!before.has(text)) observe?.(problem)
    before = new Set(now.keys())
    await pause(interval, signal)
  }
}

async function maintainOnce(pool: pg.Pool, signal: AbortSignal): Promise<Problem[]> {
  const client = await pool.connect()
  try {
    const { due } = await ensurePartitions(client)
    await expireParked(client, keepParkedDays)
    await pruneWindows(client, { keepMilliseconds: keepWindows, signal })
    return due.map(({ name, reason, nextStep }) => ({ kind: 'partition.due', partition: name, reason, nextStep }))
  } finally {
    client.release()
  }
}

const failed = (error: unknown): Problem[] => [{ kind: 'maintenance.failed', error: failureOf(error) }]
