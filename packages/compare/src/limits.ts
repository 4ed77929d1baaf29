import { TrifoldError } from 'trifold/internal/errors'

/** The load that was asked for. */
export interface LoadLimits {
  /** Transactions a second. */
  rate: number
  seconds: number
}

const mostRate = 200
/** Of a load that does no harm. */
export const mostSeconds = 600

/** @throws COMPARE_LOAD if the load is greater than one that does no harm, and `yes` is not said */
export function checkLoad({ rate, seconds }: LoadLimits, yes: boolean): void {
  if (!(rate > 0 && seconds > 0)) throw refused(`${rate} transactions a second for ${seconds} s is no load`)
  if (yes) return
  if (rate > mostRate)
    throw refused(`${rate} transactions a second are more than ${mostRate}; add --yes if you mean it`)
  if (seconds > mostSeconds) throw refused(`${seconds} s are more than ${mostSeconds}; add --yes if you mean it`)
}

const refused = (reason: string): TrifoldError => new TrifoldError('COMPARE_LOAD', `compare: ${reason}`)
