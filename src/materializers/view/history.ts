import type pg from 'pg'
import type { TargetContext } from '../../materializer.ts'

/** A refresh or rebuild that is under way. */
export interface Run {
  cause: 'rebuild' | 'schedule' | 'manual'
  mode: 'concurrently' | 'blocking'
  generationId: string | undefined
  /** When it got its lock, by `performance.now()`. */
  begunAt: number
}

/** How a run ended: a row of `trifold.refreshes`. */
export interface RunEnd {
  outcome: 'refreshed' | 'failed' | 'skipped'
  error?: string
  /** As PostgreSQL writes it. */
  snapshot?: string
  rows?: string
  bytes?: string
}

export const beginRun = (cause: Run['cause'], mode: Run['mode'] = 'concurrently'): Run => ({
  cause,
  mode,
  generationId: undefined,
  begunAt: performance.now(),
})

/** Milliseconds since the run got its lock. */
export const elapsed = (run: Run): number => performance.now() - run.begunAt

/** Writes the history row of a run that ends now, by the database's clock. */
export async function recordRun(
  client: pg.ClientBase | pg.Pool,
  context: TargetContext,
  run: Run,
  end: RunEnd,
): Promise<void> {
  await client.query(
    `insert into trifold.refreshes
      (target, generation_id, cause, mode, outcome, error, snapshot, row_count, size_bytes, started_at, finished_at)
    select
      $1, (select id from trifold.generations where id = $2), $3, $4, $5, $6, $7::pg_snapshot, $8, $9,
      clock.now - $10 * interval '1 millisecond', clock.now
    from (select clock_timestamp() as now offset 0) as clock`,
    [
      context.target,
      run.generationId ?? null,
      run.cause,
      run.mode,
      end.outcome,
      end.error ?? null,
      end.snapshot ?? null,
      end.rows ?? null,
      end.bytes ?? null,
      elapsed(run),
    ],
  )
}
