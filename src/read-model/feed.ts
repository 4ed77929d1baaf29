import type { ReadModel } from '../read-model.ts'
import { type MaterializerName, targetNamed } from '../target.ts'

/** What keeps a target current: the events of the outbox, or runs of its definition on a schedule. */
export type FedBy = 'events' | 'schedule'

/** A target of the configuration. */
export interface ConfiguredTarget {
  /** `order_summary@table` */
  target: string
  materializer: Exclude<MaterializerName, 'memory'>
  feed: FedBy
}

/** The targets of a read model. The only place where a feed follows from a store; everything else asks the target. */
export const configuredTargets = (readModel: string, { targets }: Pick<ReadModel, 'targets'>): ConfiguredTarget[] =>
  (['table', 'view', 'search'] as const)
    .filter((materializer) => targets[materializer])
    .map((materializer) => ({
      target: targetNamed(readModel, materializer),
      materializer,
      feed: materializer === 'view' ? 'schedule' : 'events',
    }))
