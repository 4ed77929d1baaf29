import { compareDefinition } from '../drift.ts'
import { servingGeneration } from '../schema/generations.ts'
import { parseTarget } from '../target.ts'
import { contextOf } from '../toolkit/targets.ts'
import type { Toolkit } from '../toolkit.ts'

/**
 * Whether a drift is over: the file of the definition and what it reads are again what the serving generation was built from,
 * or a newer definition replaces it. The file is read again, because an edit of it may be what was undone.
 */
export async function isCorrected({ config, pool }: Toolkit, target: string): Promise<boolean> {
  try {
    const generation = await servingGeneration(pool, target)
    if (!generation) return false
    const { definition } = await contextOf(config, pool, parseTarget(target).readModel)
    await compareDefinition(pool, generation, definition)
    return true
  } catch {
    return false // it still differs, does not compile, or nobody can tell now
  }
}
