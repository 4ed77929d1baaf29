import { TrifoldError } from '../errors.ts'
import type { PlannedText } from './text.ts'

/** Why a target cannot answer, and what to do: ask one of the others, if the read model has one that can. */
export function unsupported(
  { target, alternatives = [] }: { target: string; alternatives?: readonly string[] | undefined },
  fault: string,
  otherwise: string,
): TrifoldError {
  const [other] = alternatives
  return new TrifoldError('QUERY_UNSUPPORTED', `query: ${target} ${fault}; ${other ? `ask ${other}` : otherwise}`, {
    details: { target, alternatives },
  })
}

/** Refuses full text if the target has none. @throws QUERY_UNSUPPORTED, naming a target that has it */
export function refuseText(
  { text }: { text: PlannedText | undefined },
  { target, fullTextTargets: alternatives }: { target: string; fullTextTargets?: readonly string[] | undefined },
): void {
  if (text === undefined) return
  throw unsupported({ target, alternatives }, 'has no full text', 'configure a search target with `text` columns')
}

/** Refuses to keep the rows of pages as they are. @throws QUERY_UNSUPPORTED, naming a target that can */
export function refuseHold(
  { hold }: { hold: number | undefined },
  { target, fullTextTargets: alternatives }: { target: string; fullTextTargets?: readonly string[] | undefined },
): void {
  if (hold === undefined) return
  throw unsupported(
    { target, alternatives },
    'cannot hold its pages still',
    'leave `hold` out, or configure a search target',
  )
}
