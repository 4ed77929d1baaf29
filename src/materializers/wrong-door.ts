import { TrifoldError } from '../errors.ts'
import type { TargetContext } from '../materializer.ts'

/** The refusal of a door that a materializer lacks. */
export function wrongDoor(context: TargetContext, door: string, advice: string): TrifoldError {
  return new TrifoldError('QUERY_UNSUPPORTED', `materializer: ${context.target} has no ${door}: ${advice}`, {
    details: { target: context.target, door },
  })
}
