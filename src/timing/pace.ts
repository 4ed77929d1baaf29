/** How often a view has to be refreshed so that it is never older than an operator allows. */
export interface Pace {
  /** Milliseconds from the start of one refresh to that of the next. */
  interval: number
  /** How long the next one is expected to take at most, from its request to its end; undefined before the first. */
  expected: number | undefined
}

/** The last few: a burst of load lasts for several refreshes. */
const recent = 4
/** The next takes that many standard deviations more than the longest of them. */
const margin = 1
const shortestInterval = 100

/**
 * The latest start of the next refresh with which a view still meets its target lag.
 *
 * Just before a refresh commits, readers see rows as old as the start of the one before: the lag is then the time between the
 * two starts plus how long the second one takes. So the second may start `lag` minus that after the first. How long it takes is
 * not known; it is expected to be the longest of the last four, and a standard deviation (of the steps from one to the next,
 * which a slow growth over the day does not widen) more. Below twice what a refresh takes a lag cannot be held.
 *
 * @param lag the target lag in milliseconds
 * @param taken how long the last twenty refreshes took from request to end, in milliseconds, the newest first
 */
export function paceOf(lag: number, taken: readonly number[]): Pace {
  const expected = expectedOf(taken)
  const interval = lag - (expected ?? lag / 2)
  return { interval: Math.max(shortestInterval, Math.round(interval)), expected }
}

function expectedOf(taken: readonly number[]): number | undefined {
  if (taken.length === 0) return undefined
  const longest = Math.max(...taken.slice(0, recent))
  if (taken.length < 3) return longest * 1.5
  const steps = taken.slice(1).map((before, place) => (taken[place] as number) - before)
  const deviation = Math.sqrt(steps.reduce((sum, step) => sum + step ** 2, 0) / steps.length / 2)
  return longest + margin * deviation
}
