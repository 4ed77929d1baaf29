import { TrifoldError } from '../errors.ts'
import type { PlannedText } from './text.ts'

/** Refuses full text if the target has none. @throws QUERY_UNSUPPORTED, naming a target that has it */
export function refuseText(
  { text }: { text: PlannedText | undefined },
  source: { target: string; fullTextTargets?: readonly string[] | undefined },
): void {
  if (text === undefined) return
  const [other] = source.fullTextTargets ?? []
  const advice = other ? `ask ${other}` : 'configure a search target with `text` columns'
  throw new TrifoldError('QUERY_UNSUPPORTED', `query: ${source.target} has no full text; ${advice}`, {
    details: { target: source.target, alternatives: source.fullTextTargets ?? [] },
  })
}
