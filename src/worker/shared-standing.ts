import type pg from 'pg'
import { readStanding } from '../schema/standing.ts'

/** Milliseconds between two looks. */
const lookAfter = 5_000

/** Tells the consumers of a process by one look for all whether what their targets stand on is as it was. */
export class SharedStanding {
  private readonly pool: pg.Pool
  private readonly targets: readonly string[]
  private lookedAt = Number.NEGATIVE_INFINITY
  private found: Promise<Map<string, string>> = Promise.resolve(new Map())

  constructor(pool: pg.Pool, targets: readonly string[]) {
    this.pool = pool
    this.targets = targets
  }

  /** A text that is another one if something has changed, as of a look that is not older than the time between two. */
  async of(target: string): Promise<string> {
    if (performance.now() - this.lookedAt > lookAfter) {
      this.lookedAt = performance.now()
      this.found = readStanding(this.pool, this.targets)
      this.found.catch(() => {
        this.lookedAt = Number.NEGATIVE_INFINITY // who asks next looks again
      })
    }
    return (await this.found).get(target) ?? ''
  }
}
