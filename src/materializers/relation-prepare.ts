import { compareDefinition } from '../drift.ts'
import { pointNames } from '../facade.ts'
import type { Prepared, TargetContext } from '../materializer.ts'
import { type Generation, lockIfServing, servingGeneration } from '../schema/generations.ts'
import { qualified } from '../sql.ts'

/** Compares the generation that serves with the definition, and puts names right that a crash left behind. */
export async function prepareRelation(context: TargetContext): Promise<Prepared> {
  const generation = await servingGeneration(context.pool, context.target)
  if (!generation) return { state: 'unfit', reason: 'no generation' }
  if (!(await exists(context, generation))) {
    return { state: 'unfit', reason: `the relation trifold.${generation.storage} is missing` }
  }
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
  return serving?.id === generation.id ? { state: 'ready', generation } : prepareRelation(context)
}

async function exists(context: TargetContext, generation: Generation): Promise<boolean> {
  const { rows } = await context.pool.query('select to_regclass($1) is not null as "exists"', [
    qualified('trifold', generation.storage),
  ])
  return rows[0].exists === 't'
}
