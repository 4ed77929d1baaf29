import type { Load } from './comparison.ts'
import type { ProductionSigns } from './production.ts'
import type { Stage } from './stage.ts'

/** What a reader of the figures has to know beside them, in sentences. */
export function remarksOf({ targets }: Stage, kind: Load['kind'], { looks, writes }: ProductionSigns): string[] {
  const kept = targets.flatMap(({ target, keptBy }) =>
    keptBy ? [`${target}: ${keptBy}, so its lag is measured and its work is not.`] : [],
  )
  const replayed =
    kind === 'replay'
      ? [
          'The load appended past events again: no table of the write model was written, so the transactions are shorter than those of the application.',
        ]
      : []
  const inUse = [...looks, ...(writes ? [writes] : [])].map(
    (sign) => `The database looked as if it were in use: ${sign}.`,
  )
  const noIndexes =
    inUse.length > 0 ? ['So no index on the write model was tried, which would have kept writers waiting.'] : []
  return [...kept, ...replayed, ...inUse, ...noIndexes]
}
