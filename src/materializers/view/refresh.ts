import type pg from 'pg'
import { atSnapshot } from '../../definition/at-snapshot.ts'
import { refuseDetached } from '../../detachment.ts'
import { compareDefinition } from '../../drift.ts'
import { TrifoldError } from '../../errors.ts'
import type { Inspect, Refreshed, TargetContext } from '../../materializer.ts'
import {
  ageOf,
  type Generation,
  lastRefreshed,
  recordRowCount,
  recordSnapshot,
  servingGeneration,
} from '../../schema/generations.ts'
import { qualified, sqlState } from '../../sql.ts'
import { recordFailure, throwExplained } from './failure.ts'
import { beginRun, completeRun, elapsed, type Run, recordRun } from './history.ts'
import { lockTransaction } from './lock.ts'
import { bytesOf, countRows, createIndexes, refreshMode, writtenRows } from './relation.ts'
import { withSession } from './session.ts'

/** A refresh that commits between our snapshot and our lock makes ours the older one: it is begun again. */
const attempts = 3

interface RefreshOptions {
  signal?: AbortSignal | undefined
  inspect?: Inspect | undefined
  /** Milliseconds since it was asked for. */
  waited?: number | undefined
  /** How often it is tried, from one job to its end. */
  attempt?: number | undefined
}

/**
 * Runs the definition again. The REPEATABLE READ transaction records the snapshot that the view reflects from its
 * commit on; readers see the rows before until then.
 *
 * PostgreSQL finds a repeated key while it compares, but not a row that is repeated as a whole and has a null in it: the
 * view then keeps one of them until the next rebuild refuses the key.
 *
 * @throws TARGET_DETACHED, REFRESH_FAILED (timeout, lock, cancelled, the definition's own error), KEY_INVALID, DATABASE_STANDBY
 */
export async function refreshView(
  context: TargetContext,
  cause: 'schedule' | 'manual',
  { signal, inspect, waited, attempt = 1 }: RefreshOptions = {},
): Promise<Refreshed> {
  const run = beginRun(cause, 'concurrently', { waited, attempt })
  await refuseDetached(context.pool, 'refresh', context.target)
  try {
    const refreshed = await withSession(context, 'refresh', run, signal, (client) =>
      refreshWithRetry(context, client, run, { signal, inspect }).catch((error) =>
        throwExplained(client, context, error),
      ),
    )
    if (!refreshed) return await skip(context, run)
    await completeRun(context.pool, run)
    return refreshed
  } catch (error) {
    throw await recordFailure(context, run, error, signal)
  }
}

async function refreshWithRetry(
  context: TargetContext,
  client: pg.ClientBase,
  run: Run,
  { signal, inspect }: { signal: AbortSignal | undefined; inspect: Inspect | undefined },
): Promise<Refreshed | undefined> {
  const first = run.attempt
  for (let attempt = 1; ; attempt++) {
    run.attempt = first + attempt - 1
    signal?.throwIfAborted()
    const generation = await servingGeneration(client, context.target)
    if (!generation) throw notBuilt(context)
    await compareDefinition(client, generation, context.definition)
    try {
      const work = () => refreshOnce(context, client, run, generation, inspect)
      return await atSnapshot(client, generation.resolution, 'repeatable read', work)
    } catch (error) {
      if (sqlState(error) !== '40001' || attempt === attempts) throw error
    }
  }
}

/** Undefined if another refresh or rebuild of the target is running. */
async function refreshOnce(
  context: TargetContext,
  client: pg.ClientBase,
  run: Run,
  generation: Generation,
  inspect: Inspect | undefined,
): Promise<Refreshed | undefined> {
  if (!(await lockTransaction(client, context.target))) return undefined
  await refuseDetached(client, 'refresh', context.target) // a detachment may have begun meanwhile: it waits for this lock
  run.begunAt = performance.now()
  run.generationId = generation.id
  run.lagBefore = await ageOf(client, generation)
  const snapshot = await recordSnapshot(client, generation)
  run.mode = await refreshMode(client, context, generation.storage)
  const before = await writtenRows(client, generation.storage)
  const rows = await runDefinition(context, client, run, generation.storage)
  await inspect?.(client, generation)
  const bytes = await bytesOf(client, generation.storage)
  await recordRowCount(client, generation, rows)
  const after = await writtenRows(client, generation.storage)
  run.inserted = after && before && after.inserted - before.inserted
  run.deleted = after && before && run.mode === 'concurrently' ? after.deleted - before.deleted : undefined
  const lagAfter = await ageOf(client, generation)
  await recordRun(client, context, run, { outcome: 'refreshed', snapshot, rows, bytes, lagAfter })
  return { outcome: 'refreshed', milliseconds: elapsed(run), snapshot, rows: Number(rows) }
}

/** Returns the rows that it gave. */
async function runDefinition(
  context: TargetContext,
  client: pg.ClientBase,
  run: Run,
  relation: string,
): Promise<string> {
  const concurrently = run.mode === 'concurrently' ? 'concurrently' : ''
  await client.query(`refresh materialized view ${concurrently} ${qualified('trifold', relation)}`)
  const rows = await countRows(client, context, relation)
  if (run.mode === 'blocking') await createIndexes(client, context, relation)
  return rows
}

async function skip(context: TargetContext, run: Run): Promise<Refreshed> {
  await recordRun(context.pool, context, run, { outcome: 'skipped' })
  const last = await lastRefreshed(context.pool, context.target)
  return { outcome: 'skipped', milliseconds: elapsed(run), snapshot: last?.snapshot, rows: last?.rows }
}

const notBuilt = (context: TargetContext): TrifoldError =>
  new TrifoldError(
    'REFRESH_FAILED',
    `view: ${context.target} has no generation to refresh; run \`trifold rebuild ${context.target}\``,
  )
