import type pg from 'pg'
import type { TargetContext } from '../../materializer.ts'
import { type EndedRun, insertRefresh, type RunCosts, recordCosts } from '../../schema/refreshes.ts'
import type { BegunRun } from '../../schema/runs.ts'

/** A refresh or rebuild of a view that is under way. */
export interface Run extends Pick<EndedRun, 'mode' | 'inserted' | 'deleted' | 'lagBefore'>, RunCosts {
  cause: BegunRun['cause']
  generationId: string | undefined
  /** When it was asked for, and when it got its lock, by `performance.now()`. */
  queuedAt: number
  begunAt: number
  attempt: number
  /** Of its row in the history, once that is written. */
  rowId: string | undefined
}

/** How a run ended. */
export type RunEnd = Pick<
  EndedRun,
  'outcome' | 'error' | 'code' | 'sqlState' | 'snapshot' | 'rows' | 'bytes' | 'lagAfter'
>

/** @param options.waited milliseconds since it was asked for */
export const beginRun = (
  cause: Run['cause'],
  mode: Run['mode'],
  { waited = 0, attempt = 1 }: { waited?: number | undefined; attempt?: number } = {},
): Run => ({
  cause,
  mode,
  generationId: undefined,
  queuedAt: performance.now() - waited,
  begunAt: performance.now(),
  attempt,
  rowId: undefined,
})

/** Milliseconds since the run got its lock. */
export const elapsed = (run: Run): number => performance.now() - run.begunAt

/** Writes the history row of a run that ends now, by the database's clock. */
export async function recordRun(
  client: pg.ClientBase | pg.Pool,
  { target }: TargetContext,
  run: Run,
  end: RunEnd,
): Promise<void> {
  const sinceQueued = performance.now() - run.queuedAt
  run.rowId = await insertRefresh(client, { ...run, ...end, target, milliseconds: elapsed(run), sinceQueued })
}

/** Completes the row of a run that was written within its transaction. */
export async function completeRun(pool: pg.Pool, run: Run): Promise<void> {
  if (run.rowId) await recordCosts(pool, run.rowId, run).catch(() => {}) // they stay unknown
}
