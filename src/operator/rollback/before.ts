import { changedSettings } from '../../drift.ts'
import type { EventFed, Materializer, Scheduled } from '../../materializer.ts'
import {
  coldReason,
  type Generation,
  replacedGeneration,
  type WarmGeneration,
  warmGeneration,
} from '../../schema/generations.ts'
import { neverReplaced, nothingWarm, otherDefinition, otherSettings, unfit } from './refusal.ts'

/** The generation of a table or index that follows, if it may serve as things are. @throws ROLLBACK_IMPOSSIBLE */
export async function generationBefore(materializer: EventFed): Promise<WarmGeneration> {
  const { pool, target } = materializer.context
  const warm = await warmGeneration(pool, target)
  if (!warm || warm.isOver) throw nothingWarm(target, await coldReason(pool, target))
  refuseOther(materializer, warm)
  const damage = await materializer.damage?.(warm)
  if (damage !== undefined) throw unfit(warm, damage)
  return warm
}

/** The generation whose definition a view is to go back to; its rows are gone. @throws ROLLBACK_IMPOSSIBLE */
export async function definitionBefore(materializer: Scheduled): Promise<Generation> {
  const { pool, target } = materializer.context
  const before = await replacedGeneration(pool, target)
  if (!before) throw neverReplaced(target)
  refuseOther(materializer, before)
  return before
}

/** What serves has to be what this configuration says, or the workers would build it again at once. */
function refuseOther({ context, settings }: Materializer, before: Generation): void {
  if (before.definitionHash !== context.definition.hash) throw otherDefinition(before, context.definition.file)
  const changed = changedSettings(before.settings, settings)
  if (changed) throw otherSettings(before, changed)
}
