import type pg from 'pg'
import { TrifoldError } from '../../errors.ts'
import { checkFacadeIsFree, pointNames, targetName } from '../../facade.ts'
import type { Build, BuildOptions } from '../../generation/build.ts'
import type { TargetContext } from '../../materializer.ts'
import { lastRefreshed, recordSnapshot } from '../../schema/generations.ts'
import { recordFailure, throwExplained } from './failure.ts'
import { beginRun, completeRun, type Run, recordRun } from './history.ts'
import { lockSession } from './lock.ts'
import { bytesOf, countRows, createIndexes, createStatement, relationName } from './relation.ts'
import { withSession } from './session.ts'

/** Builds a materialized view: one statement creates and fills it. The build is a run in the history of refreshes. */
export function viewBuild(context: TargetContext, { onProgress, signal }: BuildOptions): Build {
  const run = beginRun('rebuild', 'blocking')
  return {
    run: (work) => recorded(context, run, signal, work),
    async check(client) {
      await checkFacadeIsFree(client, { schema: context.schema, name: targetName(context.target) })
      await checkFacadeIsFree(client, { schema: context.schema, name: context.name })
    },
    storageOf: (number) => relationName(context, number),
    async create(_client, generation) {
      run.generationId = generation.id
      run.begunAt = performance.now()
    },
    async copy(client, generation) {
      const snapshot = await recordSnapshot(client, generation) // the view reflects it until its first refresh
      onProgress?.(0, (await lastRefreshed(client, context.target))?.rows)
      await client.query(createStatement(generation.storage, context.definition))
      const rows = await countRows(client, context, generation.storage)
      await createIndexes(client, context, generation.storage)
      const bytes = await bytesOf(client, generation.storage)
      onProgress?.(Number(rows), Number(rows))
      run.inserted = Number(rows)
      await recordRun(client, context, run, { outcome: 'refreshed', snapshot, rows, bytes })
      return Number(rows)
    },
    publish: (client, { storage }, commit) => pointNames(client, context, storage, { alongside: commit, signal }),
  }
}

/** Only one refresh or build of a view runs at a time. */
async function recorded<T>(
  context: TargetContext,
  run: Run,
  signal: AbortSignal | undefined,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  try {
    const result = await withSession(context, 'rebuild', run, signal, async (client) => {
      if (!(await lockSession(client, context.target))) throw running(context)
      return work(client).catch((error) => throwExplained(client, context, error))
    })
    await completeRun(context.pool, run)
    return result
  } catch (error) {
    throw await recordFailure(context, run, error, signal)
  }
}

const running = (context: TargetContext): TrifoldError =>
  new TrifoldError(
    'REFRESH_RUNNING',
    `view: ${context.target} is being refreshed or rebuilt now; wait until that ends (see trifold.refreshes) and run it again`,
  )
