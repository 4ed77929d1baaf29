/** A refresh, in milliseconds since 1970: its rows are as of `from`, and readers see them since `shown`. */
export interface ShownRows {
  from: number
  shown: number
}

/** How a target lag was kept in a period. */
export interface LagHeld {
  /** The target lag in milliseconds. */
  target: number
  /** The share of the time in which readers saw nothing older, from 0 to 1. */
  share: number
  /** The age of what readers saw, in milliseconds, over the time: half of it was below `p50`, 99 % below `p99`. */
  p50: number
  p99: number
}

/** A time in which readers saw the same rows: how old these were at first, and for how long. */
interface Shown {
  age: number
  lasted: number
}

/**
 * How a lag was kept, by the refreshes that readers saw, the oldest first: the age of what they see grows until the next one
 * commits.
 *
 * @returns undefined if nothing was shown in the period
 */
export function lagHeld(
  target: number,
  refreshes: readonly ShownRows[],
  since: number,
  until: number,
): LagHeld | undefined {
  const times = refreshes.map(({ from, shown }, place): Shown => {
    const begins = Math.max(since, shown)
    const ends = Math.min(until, refreshes[place + 1]?.shown ?? until)
    return { age: begins - from, lasted: Math.max(0, ends - begins) }
  })
  const whole = times.reduce((sum, { lasted }) => sum + lasted, 0)
  if (whole === 0) return undefined
  return {
    target,
    share: timeBelow(target, times) / whole,
    p50: ageOfShare(0.5 * whole, times),
    p99: ageOfShare(0.99 * whole, times),
  }
}

const timeBelow = (limit: number, times: readonly Shown[]): number =>
  times.reduce((sum, { age, lasted }) => sum + Math.min(lasted, Math.max(0, limit - age)), 0)

/** The age below which so much of the time was, to a millisecond. */
function ageOfShare(time: number, times: readonly Shown[]): number {
  let [low, high] = [0, times.reduce((most, { age, lasted }) => Math.max(most, age + lasted), 0)]
  while (high - low > 1) {
    const middle = (low + high) / 2
    if (timeBelow(middle, times) < time) low = middle
    else high = middle
  }
  return Math.round(high)
}
