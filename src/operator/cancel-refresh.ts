import { setTimeout as pause } from 'node:timers/promises'
import { TrifoldError } from '../errors.ts'
import { cancelRun, type RunUnderWay, runsUnderWay } from '../schema/runs.ts'
import { sqlState } from '../sql.ts'
import type { Toolkit } from '../toolkit.ts'

/** The refresh that was cancelled, as it was then. */
export interface CancelledRefresh extends RunUnderWay {
  /** For how long it had run, in milliseconds. */
  ranFor: number
}

/** A cancellation that comes between two statements does nothing, so it is repeated. */
const again = 200
const patience = 10_000

/**
 * Cancels the refresh of a view that is running in whatever process; the view keeps its rows, and the next refresh comes when it is
 * due. Returns once it has ended. A rebuild is not cancelled.
 *
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, REFRESH_NOT_RUNNING, PRIVILEGE_MISSING, REFRESH_RUNNING if it does not end
 */
export async function cancelRefresh(toolkit: Toolkit, target: string): Promise<CancelledRefresh> {
  toolkit.checkTarget(target)
  const run = (await runsUnderWay(toolkit.pool, [target])).find(({ cause }) => cause !== 'rebuild')
  if (!run) throw notRunning(target)
  const deadline = performance.now() + patience
  while (await cancelRun(toolkit.pool, run).catch((error) => refuse(target, run, error))) {
    if (performance.now() > deadline) throw stillRunning(target, run)
    await pause(again)
  }
  const { rows } = await toolkit.pool.query(
    'select extract(epoch from clock_timestamp() - $1::timestamptz) * 1000 as milliseconds',
    [run.startedAt],
  )
  return { ...run, ranFor: Number(rows[0].milliseconds) }
}

const notRunning = (target: string): TrifoldError =>
  new TrifoldError(
    'REFRESH_NOT_RUNNING',
    `refresh: no refresh of ${target} is running, so there is nothing to cancel; \`trifold history ${target}\` shows the last ones`,
  )

const stillRunning = (target: string, { pid }: RunUnderWay): TrifoldError =>
  new TrifoldError(
    'REFRESH_RUNNING',
    `refresh: the refresh of ${target} (PostgreSQL process ${pid}) was cancelled and has not ended within ${patience / 1_000} s; ask again, or end the session: select pg_terminate_backend(${pid})`,
  )

function refuse(target: string, { pid }: RunUnderWay, cause: unknown): never {
  if (sqlState(cause) !== '42501') throw cause
  throw new TrifoldError(
    'PRIVILEGE_MISSING',
    `refresh: this role may not cancel the refresh of ${target} (PostgreSQL process ${pid}), which another role runs; use that role, or grant pg_signal_backend to this one`,
    { cause },
  )
}
