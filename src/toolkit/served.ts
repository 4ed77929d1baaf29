import type { ReadModel } from '../read-model.ts'
import type { MaterializerName } from '../target.ts'
import { parseTarget } from '../target.ts'

/** A target of a read model that answers requests. */
export type ReadableTarget = Exclude<MaterializerName, 'memory'>

const readable = ['table', 'view', 'search'] as const

/**
 * How long the target that served before shows nothing new after a switch, in milliseconds: a request that began before the
 * switch may still read it, and the answer must not be newer than what the next request reads of the new one.
 */
export const stillAfterSwitch = 1_000

/** The target that requests without `from` go to by the configuration: `serve`, else the first of table, view, search. */
export const servedByConfiguration = ({ serve, targets }: Pick<ReadModel, 'serve' | 'targets'>): ReadableTarget =>
  serve ?? readable.find((one) => targets[one]) ?? 'table'

/**
 * The target that requests without `from` go to.
 *
 * @param switchedTo the one that an operator has chosen; without it, or if it is not configured, the configuration decides
 */
export function servedBy(model: Pick<ReadModel, 'serve' | 'targets'>, switchedTo: string | undefined): ReadableTarget {
  const chosen = switchedTo && (parseTarget(switchedTo).materializer as ReadableTarget)
  return chosen && model.targets[chosen] ? chosen : servedByConfiguration(model)
}
