import type pg from 'pg'
import { type FreshTarget, readFreshness } from '../freshness.ts'
import type { Observe } from '../observe.ts'
import { pause } from '../pause.ts'
import { addToMinute } from '../schema/minutes.ts'

/** Milliseconds between two looks at the lag of all targets. */
const lookEvery = 10_000
/** So many looks make one statement that writes. */
const looksOfMinute = 6

interface Sum {
  lag: number | undefined
  events: number
  keys: number
}

/**
 * Keeps `trifold.minutes`: every ten seconds one statement reads the lag of all targets of a worker, and every minute one
 * writes the greatest of each, with the events and keys that this worker has applied. The pages are observed, so nothing
 * waits for it. What the database does not take is left out.
 */
export class Minutes {
  private readonly pool: pg.Pool
  private readonly targets: readonly FreshTarget[]
  private readonly every: number
  private sums = new Map<string, Sum>()

  /** @param every milliseconds between two looks */
  constructor(pool: pg.Pool, targets: readonly FreshTarget[], every = lookEvery) {
    this.pool = pool
    this.targets = targets
    this.every = every
  }

  readonly observe: Observe = (observation) => {
    if (observation.kind !== 'page.applied') return
    const { target, events, keys } = observation
    const sum = this.sumOf(target)
    sum.events += events
    sum.keys += keys
  }

  /** Looks and writes until the signal aborts, and writes what is left then. */
  async run(signal: AbortSignal): Promise<void> {
    for (let looks = 1; !signal.aborted; looks++) {
      await this.look().catch(() => {}) // the parts that need the database say what is wrong with it
      if (looks % looksOfMinute === 0) await this.write().catch(() => {})
      await pause(this.every, signal)
    }
    await this.look()
      .then(() => this.write())
      .catch(() => {})
  }

  private async look(): Promise<void> {
    for (const [target, { lag }] of await readFreshness(this.pool, this.targets)) {
      if (lag === undefined) continue
      const sum = this.sumOf(target)
      sum.lag = Math.max(sum.lag ?? 0, lag)
    }
  }

  private async write(): Promise<void> {
    const { sums } = this
    if (sums.size === 0) return
    this.sums = new Map()
    await addToMinute(
      this.pool,
      [...sums].map(([target, sum]) => ({ target, ...sum })),
    )
  }

  private sumOf(target: string): Sum {
    const sum = this.sums.get(target) ?? { lag: undefined, events: 0, keys: 0 }
    this.sums.set(target, sum)
    return sum
  }
}
