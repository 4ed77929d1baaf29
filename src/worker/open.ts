import type { ResolvedConfig } from '../config.ts'
import { isTrifoldError } from '../errors.ts'
import { databaseRefusal } from '../observe/database-refusal.ts'
import { failureOf, type Observe } from '../observe.ts'
import { pause } from '../pause.ts'
import { openToolkit, type Toolkit } from '../toolkit.ts'

const retryAfter = 1_000

/** Sessions for short statements: a worker has few besides them, however many targets it keeps. */
const shortStatements = { most: 3 }

/**
 * Opens the toolkit for a worker. While the database does not answer, or is a standby that may be about to be promoted, it
 * waits, as a worker that runs already does, and says each reason once.
 *
 * @returns undefined if the signal aborted meanwhile
 * @throws what waiting would not mend: a password that is refused, a server that is too old or not migrated
 */
export async function openWhenReachable(
  config: ResolvedConfig,
  { observe, signal }: { observe?: Observe | undefined; signal: AbortSignal },
): Promise<Toolkit | undefined> {
  let said = ''
  const wait = async (error: Error): Promise<undefined> => {
    if (!isAway(error)) throw error
    if (error.message !== said) observe?.({ kind: 'worker.waiting', error: failureOf(error) })
    said = error.message
    await pause(retryAfter, signal)
  }
  while (!signal.aborted) {
    const toolkit = await openToolkit(config, shortStatements).catch(wait)
    if (toolkit) return toolkit
  }
  return undefined
}

/** Whether nobody answers, or a server that starts, stops or follows another: not one that refuses. */
const isAway = (error: Error): boolean =>
  isTrifoldError(error, 'DATABASE_STANDBY') || databaseRefusal(error.cause ?? error)?.code === 'DATABASE_UNREACHABLE'
