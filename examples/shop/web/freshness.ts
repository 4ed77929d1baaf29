import type { ReadableTarget } from 'trifold'
import type { WebContext } from './context.ts'
import { targetKinds } from './input.ts'

/** What one target of a read model reflects now. */
export interface TargetState {
  kind: ReadableTarget
  target: string
  verdict: 'green' | 'yellow' | 'red'
  /** One sentence of `trifold status`. */
  reason: string
  /** Milliseconds behind the newest event, of a view since its last refresh; undefined before the first build. */
  lag: number | undefined
  /** The time as of which it answers, ISO 8601. */
  asOf: string | undefined
  /** When a view is refreshed next. */
  nextAt: Date | undefined
}

/** The targets of a read model, in the order of the switch. */
export async function targetStates({ trifold }: WebContext, readModel: string): Promise<TargetState[]> {
  const { targets } = await trifold.admin.status()
  return targetKinds.flatMap((kind) => {
    const found = targets.find(({ target }) => target === `${readModel}@${kind}`)
    if (!found) return []
    const { target, verdict, reason, lag, reflectedAt, schedule } = found
    return [{ kind, target, verdict, reason, lag, asOf: reflectedAt, nextAt: schedule?.nextAt }]
  })
}
