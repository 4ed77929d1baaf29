/** The ways to keep a read model; `memory` is for tests. */
export type MaterializerName = 'table' | 'view' | 'search' | 'memory'

/** The name of a target: `order_summary@table`. */
export const targetNamed = (readModel: string, materializer: MaterializerName): string => `${readModel}@${materializer}`

/** Takes the name of a target apart. */
export function parseTarget(target: string): { readModel: string; materializer: MaterializerName } {
  const [readModel, materializer] = target.split('@') as [string, MaterializerName]
  return { readModel, materializer }
}

const relaySuffix = '@kafka'

/** The name under which a relay is registered beside the targets: the outbox keeps for it what it keeps for them. */
export const relayTarget = (topic: string): string => `${topic}${relaySuffix}`

/** Whether a name is that of a relay. */
export const isRelay = (target: string): boolean => target.endsWith(relaySuffix)
