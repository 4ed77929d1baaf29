import { Random } from '../feed/random.ts'
import { type Database, newDatabase, type Window } from './database.ts'
import type { OutboxEvent } from './events.ts'
import type { Rules } from './rules.ts'
import { type IndexWrite, newIndex, type SearchIndex } from './search-index.ts'
import { readModels } from './write-model.ts'

/** What takes part: each `yield` is a point at which others go on. */
export type Actor = Generator<undefined, void, undefined>

/** Everything that there is, at one step of one random history. */
export class World {
  readonly rules: Rules
  readonly random: Random
  readonly database: Database
  readonly indexes: Map<string, SearchIndex>
  /** Requests on their way to an index. */
  inFlight: IndexWrite[] = []
  /** What a ticker has handed to the consumers of its process. */
  handed: { window: Window; events: OutboxEvent[] } | undefined
  step = 0
  /** Whether the database goes back to where it was, now and then. Owners keep their leases longer then: else epochs tell it all. */
  readonly branches: boolean
  private lastNonce = 0
  /** Nobody writes any more. */
  isQuiet = false

  constructor(seed: number, rules: Rules) {
    this.rules = rules
    this.branches = seed % 3 === 0
    this.random = new Random(seed * 7_919 + 13)
    this.database = newDatabase(targets)
    this.indexes = new Map(targets.filter((target) => target.endsWith('@search')).map((target) => [target, newIndex()]))
  }

  nextNonce(): number {
    this.lastNonce += 1
    return this.lastNonce
  }

  chance(probability: number): boolean {
    return this.random.next() < probability
  }

  below(count: number): number {
    return Math.floor(this.random.next() * count)
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }
}

export const targets = readModels.flatMap((model) => [`${model}@table`, `${model}@search`])
