import { compareDefinition } from '../drift.ts'
import { pointNames } from '../facade.ts'
import { relationKind } from '../generation/relation.ts'
import type { Prepared, TargetContext } from '../materializer.ts'
import { lockIfServing, readRelation, servingGeneration } from '../schema/generations.ts'

/**
 * Compares the generation that serves with the definition, and puts names right that a crash left behind.
 *
 * @param kind what the relation should be, as `relationKind` says it
 */
export async function prepareRelation(context: TargetContext, kind: 'r' | 'm'): Promise<Prepared> {
  const generation = await servingGeneration(context.pool, context.target)
  if (!generation) return { state: 'unfit', reason: 'no generation' }
  const { damage } = await readRelation(context.pool, generation, false)
  if (damage) return { state: 'unfit', reason: `the relation trifold.${generation.storage} ${damage}` }
  if ((await relationKind(context.pool, generation.storage)) !== kind)
    return { state: 'unfit', reason: 'its rows were copied when it was detached' }
  const newer = await compareDefinition(context.pool, generation, context.definition)
  if (newer) return { state: 'unfit', reason: newer }
  const client = await context.pool.connect()
  try {
    // The lock keeps a rebuild from serving the next one before the names are right: they would go back to this one.
    await pointNames(client, context, generation.storage, { onlyIf: () => lockIfServing(client, generation) })
  } finally {
    client.release()
  }
  const serving = await servingGeneration(context.pool, context.target)
  return serving?.id === generation.id ? { state: 'ready', generation } : prepareRelation(context, kind)
}
