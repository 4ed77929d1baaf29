import type pg from 'pg'
import { pruneWindows } from '../feed/prune.ts'
import { ensurePartitions } from '../outbox/partitions.ts'
import { pause } from '../pause.ts'

const interval = 60_000

/** How long a window is kept once every consumer has passed it. */
const keepWindows = 3_600_000

/**
 * Keeps the log in shape until the signal aborts: partitions are created ahead, windows that nobody reads any more are
 * deleted. Nothing waits for it, and what fails is tried again; several workers may do it at once.
 */
export async function maintain(pool: pg.Pool, signal: AbortSignal, log: (line: string) => void): Promise<void> {
  let said = ''
  while (!signal.aborted) {
    const problem = await maintainOnce(pool, signal).catch((error: Error) => error.message)
    if (problem && problem !== said) log(`maintenance: ${problem}`)
    said = problem ?? ''
    await pause(interval, signal)
  }
}

/** Returns what somebody should look at. */
async function maintainOnce(pool: pg.Pool, signal: AbortSignal): Promise<string | undefined> {
  const client = await pool.connect()
  try {
    const { due } = await ensurePartitions(client)
    await pruneWindows(client, { keepMilliseconds: keepWindows, signal })
    return due.map(({ name, reason, nextStep }) => `${name} is due: ${reason}; ${nextStep}`).join('; ') || undefined
  } finally {
    client.release()
  }
}
