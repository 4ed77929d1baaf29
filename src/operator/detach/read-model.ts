import { TrifoldError } from '../../errors.ts'
import { insteadOf } from '../../query/nearest.ts'
import { configuredTargets } from '../../read-model/feed.ts'
import type { ReadModel } from '../../read-model.ts'
import { parseTarget } from '../../target.ts'
import type { Toolkit } from '../../toolkit.ts'

/**
 * The read model of a name: of the read model itself, or of one of its targets. Its targets are detached together.
 *
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN
 */
export function readModelNamed({ config: { readModels } }: Toolkit, name: string): string {
  const { readModel } = parseTarget(name)
  if (!Object.hasOwn(readModels, readModel)) {
    const known = insteadOf(readModel, Object.keys(readModels), 'configured are')
    throw new TrifoldError('READ_MODEL_UNKNOWN', `config: there is no read model ${readModel}; ${known}`)
  }
  const targets = configuredTargets(readModel, readModels[readModel] as ReadModel).map(({ target }) => target)
  if (name === readModel || targets.includes(name)) return readModel
  throw new TrifoldError(
    'TARGET_UNKNOWN',
    `config: there is no target ${name}; ${insteadOf(name, targets, 'configured are')}`,
  )
}
