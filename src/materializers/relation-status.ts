import type pg from 'pg'
import { facadeRelation, targetName } from '../facade.ts'
import type { StorageProblem, StorageStatus, TargetContext } from '../materializer.ts'
import { type Generation, readRelation, servingGeneration } from '../schema/generations.ts'

/**
 * What PostgreSQL reports about the relation that serves, and whether readers reach it.
 *
 * @param counted whether the rows are those that the last run of the definition counted
 */
export async function relationStatus(
  context: TargetContext,
  { counted, pool = context.pool }: { counted: boolean; pool?: pg.Pool | undefined },
): Promise<StorageStatus> {
  const generation = await servingGeneration(pool, context.target)
  if (!generation) return { storage: undefined, rows: undefined, sizeBytes: undefined }
  const found = await readRelation(pool, generation, counted)
  return {
    storage: `trifold.${generation.storage}`,
    rows: found.rows,
    estimated: !counted,
    sizeBytes: found.sizeBytes,
    problem: found.damage ? damaged(generation, found.damage) : await nameProblem(context, pool, generation),
  }
}

const damaged = ({ storage }: Generation, damage: string): StorageProblem => ({
  verdict: 'red',
  reason: `the relation trifold.${storage} ${damage}; a running worker builds the next one`,
})

async function nameProblem(
  context: TargetContext,
  pool: pg.Pool,
  { storage }: Generation,
): Promise<StorageProblem | undefined> {
  const name = targetName(context.target)
  const shown = await facadeRelation(pool, { schema: context.schema, name })
  if (shown === storage) return undefined
  const state = shown ? `shows trifold.${shown}, not trifold.${storage}` : 'is missing'
  return { verdict: 'red', reason: `the view ${context.schema}.${name} ${state}; a running worker puts it right` }
}
