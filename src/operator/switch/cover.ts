import { inTransaction } from '../../database.ts'
import { isTrifoldError, TrifoldError } from '../../errors.ts'
import { freshTarget, waitForToken } from '../../freshness.ts'
import type { Materializer, Scheduled } from '../../materializer.ts'
import { type CommitToken, tokenOf } from '../../outbox/token.ts'
import { pause } from '../../pause.ts'
import { readTransaction } from '../../schema/era.ts'
import type { Toolkit } from '../../toolkit.ts'
import { inSeconds } from '../figures.ts'

/** How long may be waited, in milliseconds of `performance.now()`. */
export interface Patience {
  end: number
  /** What was asked for, for the message. */
  timeout: number
  /** Aborts at the end, or before. */
  signal: AbortSignal
}

const pauseBetween = 50

/**
 * Waits until a target shows all that has been committed by now, and so all that any other target can show: a transaction of
 * this process is committed, and waited for as readers wait for a commit token. A view is refreshed for it.
 *
 * @throws WAIT_TIMEOUT, TARGET_STOPPED, TARGET_DETACHED, REFRESH_FAILED, KEY_INVALID
 */
export async function untilCovers(toolkit: Toolkit, materializer: Materializer, patience: Patience): Promise<void> {
  const token = await commitNow(toolkit)
  try {
    if (materializer.fedBy === 'schedule') await refreshed(materializer, patience)
    await waitForToken(toolkit.pool, freshTarget(materializer), token, {
      timeout: Math.max(1, patience.end - performance.now()),
      signal: patience.signal,
      wake: () => toolkit.wake(),
    })
  } catch (error) {
    const isLate = isTrifoldError(error, 'WAIT_TIMEOUT') || performance.now() >= patience.end
    throw isLate ? timedOut(materializer.context.target, patience, error as Error) : error
  }
}

/** Any snapshot that shows this commit shows all that was committed before. */
async function commitNow({ pool }: Toolkit): Promise<CommitToken> {
  const client = await pool.connect()
  try {
    return await inTransaction(client, async () => {
      await client.query('select pg_current_xact_id()')
      return tokenOf(await readTransaction(client))
    })
  } finally {
    client.release()
  }
}

/** A refresh that was under way began before: another one is needed. */
async function refreshed(materializer: Scheduled, { signal }: Patience): Promise<void> {
  for (;;) {
    const { outcome } = await materializer.refresh({ cause: 'manual', signal })
    if (outcome === 'refreshed') return
    await pause(pauseBetween, signal)
    signal.throwIfAborted()
  }
}

function timedOut(target: string, { timeout }: Patience, cause: Error): TrifoldError {
  const reason = isTrifoldError(cause, 'WAIT_TIMEOUT')
    ? cause.message.slice(cause.message.indexOf(': ', 'query: '.length) + 2)
    : `its refresh did not end (${cause.message})`
  return new TrifoldError(
    'WAIT_TIMEOUT',
    `switch: ${target} did not show what is committed within ${inSeconds(timeout)}, so nothing was switched: ${reason}`,
    { cause },
  )
}
