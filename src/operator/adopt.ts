import { TrifoldError } from '../errors.ts'
import type { Toolkit } from '../toolkit.ts'

/** What was adopted. */
export interface Adoption {
  target: string
  /** The indexes that were another database's, or nobody's; empty if there was none. */
  indexes: string[]
}

/**
 * Makes the indexes of a target this database's, which has taken the place of the one that they name.
 *
 * @throws READ_MODEL_UNKNOWN, TARGET_UNKNOWN, LEASE_LOST, SEARCH_UNREACHABLE; TARGET_UNOWNED if it is no search target
 */
export async function adoptTarget(toolkit: Toolkit, target: string): Promise<Adoption> {
  const { adopt } = await toolkit.current(target)
  if (!adopt)
    throw new TrifoldError(
      'TARGET_UNOWNED',
      `operator: ${target} is inside this database, so nobody else can own it; only search targets are adopted`,
    )
  return { target, indexes: await adopt() }
}
