import type { Row, Value } from '../encoding.ts'
import type { SuspectKeys } from '../schema/suspect-keys.ts'
import type { Difference } from './difference.ts'
import type { Compared } from './scene.ts'

/** Differences that are kept whole; of all others the keys are. */
const mostShown = 100

/** What a run has found so far. A key that several ranges name counts once. */
export class Findings {
  /** Rows of the definition that were compared. */
  rows = 0
  missing = 0
  surplus = 0
  different = 0
  /** Rows of the three kinds that are not among them, because their keys are suspect: an event was parked. */
  suspect = 0
  /** The first ones. */
  readonly shown: Difference[] = []
  /** The keys of all that a recompute puts right, by key text. */
  readonly keys = new Map<string, Value[]>()
  /** Where the last range ended; undefined at the end of the target. */
  upTo: Row | undefined
  private readonly counted = new Set<string>()

  /** Rows that differ. */
  get differences(): number {
    return this.missing + this.surplus + this.different
  }

  /** @param suspects as they were when the rows were read */
  add({ rows, found, upTo }: Compared, suspects?: SuspectKeys): void {
    this.rows += rows
    this.upTo = upTo
    for (const { difference, key, isSecond } of found) {
      if (this.counted.has(difference.key)) continue
      if (suspects?.all || suspects?.keys.has(difference.key)) {
        this.suspect += 1
        continue
      }
      this.counted.add(difference.key)
      if (!isSecond) this.keys.set(difference.key, key)
      this[difference.kind] += 1
      if (this.shown.length < mostShown) this.shown.push(difference)
    }
  }
}
