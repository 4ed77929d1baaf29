import { configuredTargets } from '../read-model/feed.ts'
import type { ReadModel } from '../read-model.ts'
import type { Toolkit } from '../toolkit.ts'

/**
 * The targets of some names: each a target, or a read model for all of its.
 *
 * @returns each once
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN
 */
export const targetsNamed = (toolkit: Toolkit, names: readonly string[]): string[] => [
  ...new Set(names.flatMap((name) => targetsOf(toolkit, name))),
]

function targetsOf(toolkit: Toolkit, name: string): string[] {
  if (name.includes('@')) {
    toolkit.checkTarget(name)
    return [name]
  }
  toolkit.readModel(name) // it throws for an unknown one
  return configuredTargets(name, toolkit.config.readModels[name] as ReadModel).map(({ target }) => target)
}
