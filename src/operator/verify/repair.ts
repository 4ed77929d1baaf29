import type { Value } from '../../encoding.ts'
import type { Materializer } from '../../materializer.ts'
import { rebuildTarget } from '../../rebuild.ts'
import { repairKeys } from '../../verify.ts'

/**
 * Puts right what differs: by recomputing these keys, or, as a view has no rows that could be written, by building it again.
 *
 * @returns how many keys were put right
 */
export async function repair(materializer: Materializer, keys: ReadonlyMap<string, Value[]>): Promise<number> {
  if (materializer.fedBy === 'events') return repairKeys(materializer, keys)
  await rebuildTarget(materializer, 'its rows differed from the definition', { evenIfFit: true })
  return keys.size
}
