import type pg from 'pg'
import { inTransaction } from '../../database.ts'
import { TrifoldError } from '../../errors.ts'
import { checkFacadeIsFree, pointNames, targetName } from '../../facade.ts'
import { beginGeneration, type Generation, serveGeneration, servingGeneration } from '../../generation.ts'
import type { FillOptions, TargetContext } from '../../materializer.ts'
import { recordFailure, throwExplained } from './failure.ts'
import { beginRun, type Run, recordRun } from './history.ts'
import { lockSession } from './lock.ts'
import { bytesOf, countRows, createIndexes, createStatement, relationName } from './relation.ts'
import { dropRetired } from './retire.ts'
import { withSession } from './session.ts'

/**
 * Builds the next generation in one transaction and points the names at it. Whatever goes wrong before, the
 * generation that serves is not touched; what an interrupted fill left behind is dropped by the next.
 */
export async function fillView(context: TargetContext, options: FillOptions): Promise<Generation> {
  const run = beginRun('fill', 'blocking')
  try {
    return await withSession(context, 'fill', options.signal, async (client) => {
      if (!(await lockSession(client, context.target))) throw running(context)
      await checkFacadeIsFree(client, { schema: context.schema, name: targetName(context.target) })
      await checkFacadeIsFree(client, { schema: context.schema, name: context.name })
      await dropRetired(client, context)
      run.begunAt = performance.now()
      return await buildAndServe(context, client, run, options)
    })
  } catch (error) {
    throw await recordFailure(context, run, error, options.signal)
  }
}

async function buildAndServe(
  context: TargetContext,
  client: pg.ClientBase,
  run: Run,
  options: FillOptions,
): Promise<Generation> {
  const { target, definition } = context
  const storageOf = (number: number) => relationName(context, number)
  const generation = await beginGeneration(client, target, definition, options.reason, storageOf)
  try {
    await inTransaction(client, () => build(context, client, run, generation, options), 'repeatable read')
    await pointNames(client, context, generation.storage, {
      alongside: () => serveGeneration(client, generation),
      signal: options.signal,
    })
  } catch (error) {
    await dropRetired(client, context).catch(() => {}) // the next fill does it
    return await throwExplained(client, context, error)
  }
  await dropRetired(client, context)
  return (await servingGeneration(client, target)) as Generation
}

async function build(
  context: TargetContext,
  client: pg.ClientBase,
  run: Run,
  generation: Generation,
  options: FillOptions,
): Promise<void> {
  run.generationId = generation.id
  const snapshot = await recordSnapshot(client, generation)
  options.onProgress?.(0, await rowsBefore(client, context))
  await client.query(createStatement(generation.storage, context.definition))
  const rows = await countRows(client, context, generation.storage)
  await createIndexes(client, context, generation.storage)
  const bytes = await bytesOf(client, generation.storage)
  options.onProgress?.(Number(rows), Number(rows))
  await client.query(
    `update trifold.generations
    set state = 'filled', row_count = $2, filled_at = clock_timestamp()
    where id = $1`,
    [generation.id, rows],
  )
  await recordRun(client, context, run, { outcome: 'refreshed', snapshot, rows, bytes })
}

/** The snapshot of the transaction that fills: the view reflects it until its first refresh. */
async function recordSnapshot(client: pg.ClientBase, generation: Generation): Promise<string> {
  const { rows } = await client.query(
    `update trifold.generations
    set snapshot = pg_current_snapshot(), snapshot_at = now(), fill_snapshot = pg_current_snapshot()
    where id = $1
    returning snapshot::text`,
    [generation.id],
  )
  return rows[0].snapshot
}

async function rowsBefore(client: pg.ClientBase, context: TargetContext): Promise<number | undefined> {
  const { rows } = await client.query(
    `select row_count
    from trifold.generations
    where target = $1 and state = 'serving' and row_count is not null`,
    [context.target],
  )
  return rows[0] && Number(rows[0].row_count)
}

const running = (context: TargetContext): TrifoldError =>
  new TrifoldError(
    'REFRESH_RUNNING',
    `view: a refresh or another fill of ${context.target} is running; wait for its end (trifold.refreshes) and run it again`,
  )
