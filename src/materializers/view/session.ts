import type pg from 'pg'
import { cancelOnAbort } from '../../database/cancel.ts'
import { LockWatch } from '../../database/lock-watch.ts'
import { sessionCosts } from '../../database/session-costs.ts'
import { openClient } from '../../database.ts'
import { TrifoldError } from '../../errors.ts'
import type { TargetContext } from '../../materializer.ts'
import { beginRunning, endRunning } from '../../schema/runs.ts'
import { milliseconds } from '../../span.ts'
import type { Run } from './history.ts'

/** Longest wait for a lock, in milliseconds: of VACUUM, of DDL on the tables, of readers in the blocking mode. */
const lockTimeout = 10_000

const defaultTimeout = 3_600_000

/** Longest time of one statement of a refresh or rebuild, in milliseconds: the target's `timeout`. */
export const statementTimeout = (context: TargetContext): number =>
  milliseconds(context.model.targets.view?.timeout ?? defaultTimeout) ?? defaultTimeout

/** A lock that is waited for is no slow definition: the wait ends before the statement would. */
export const lockTimeoutOf = (context: TargetContext): number =>
  Math.min(lockTimeout, Math.floor(statementTimeout(context) * 0.8))

/**
 * Runs `work` on its own connection, with the timeouts of the target. If `signal` is aborted meanwhile, the
 * running statement is cancelled from another connection.
 *
 * @param run gets what the session has cost, also if the work fails
 * @throws DATABASE_STANDBY on a standby; the signal's reason if it was aborted before
 */
export async function withSession<T>(
  context: TargetContext,
  purpose: 'refresh' | 'rebuild',
  run: Run,
  signal: AbortSignal | undefined,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const settings = {
    statement_timeout: String(statementTimeout(context)),
    lock_timeout: String(lockTimeoutOf(context)),
  }
  const client = await openClient(context.databaseUrl, { name: `${purpose} ${context.target}`, settings })
  const stop = await cancelOnAbort(context.pool, client, signal)
  const watch = await LockWatch.of(context.pool, client)
  try {
    await refuseStandby(context, client)
    await beginRunning(client, { target: context.target, cause: run.cause, attempt: run.attempt })
    return await work(client)
  } finally {
    stop()
    run.lockWaits = watch.end()
    run.costs = await sessionCosts(client).catch(() => undefined) // a connection that broke does not say
    await endRunning(client).catch(() => {}) // nor does it need to
    await client.end()
  }
}

async function refuseStandby(context: TargetContext, client: pg.Client): Promise<void> {
  const { rows } = await client.query('select pg_is_in_recovery() as standby')
  if (rows[0].standby !== 't') return
  throw new TrifoldError(
    'DATABASE_STANDBY',
    `view: ${context.target} cannot be rebuilt or refreshed on a standby; point DATABASE_URL at the primary`,
  )
}
