import type pg from 'pg'
import type { TargetContext } from '../../materializer.ts'
import { type EndedRun, insertRefresh } from '../../schema/refreshes.ts'

/** A refresh or rebuild that is under way. */
export interface Run extends Pick<EndedRun, 'cause' | 'mode'> {
  generationId: string | undefined
  /** When it got its lock, by `performance.now()`. */
  begunAt: number
}

/** How a run ended. */
export type RunEnd = Pick<EndedRun, 'outcome' | 'error' | 'snapshot' | 'rows' | 'bytes'>

export const beginRun = (cause: Run['cause'], mode: Run['mode'] = 'concurrently'): Run => ({
  cause,
  mode,
  generationId: undefined,
  begunAt: performance.now(),
})

/** Milliseconds since the run got its lock. */
export const elapsed = (run: Run): number => performance.now() - run.begunAt

/** Writes the history row of a run that ends now, by the database's clock. */
export const recordRun = (
  client: pg.ClientBase | pg.Pool,
  { target }: TargetContext,
  run: Run,
  end: RunEnd,
): Promise<void> => insertRefresh(client, { ...run, ...end, target, milliseconds: elapsed(run) })
