/** The ways to keep a read model; `memory` is for tests. */
export type MaterializerName = 'table' | 'view' | 'search' | 'memory'

/** The name of a target: `order_summary@table`. */
export const targetNamed = (readModel: string, materializer: MaterializerName): string => `${readModel}@${materializer}`

/** Takes the name of a target apart. */
export function parseTarget(target: string): { readModel: string; materializer: MaterializerName } {
  const [readModel, materializer] = target.split('@') as [string, MaterializerName]
  return { readModel, materializer }
}
