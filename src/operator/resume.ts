import { TrifoldError } from '../errors.ts'
import { clearFailure, type Failure } from '../schema/consumers.ts'
import type { Toolkit } from '../toolkit.ts'

/** What was resumed. */
export interface Resumption {
  target: string
  /** Why it had stopped: code, message, and the event if one was to blame. */
  failure: Failure
}

/**
 * Has a target that stopped at a failing event tried again there, by the worker that runs it or the next one.
 *
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN; TARGET_RUNNING if it has not stopped
 */
export async function resumeTarget(toolkit: Toolkit, target: string): Promise<Resumption> {
  toolkit.checkTarget(target)
  const failure = await clearFailure(toolkit.pool, target)
  if (failure) return { target, failure: JSON.parse(failure) }
  throw new TrifoldError(
    'TARGET_RUNNING',
    `operator: ${target} has not stopped at an event, so there is nothing to resume; see \`trifold status\``,
  )
}
