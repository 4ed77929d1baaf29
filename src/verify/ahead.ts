import type { Column, Definition } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'
import type { Kept } from '../materializer.ts'
import type { Changes, KeyOperations } from '../net-change/operations.ts'
import { unseen } from '../net-change/unseen.ts'
import { netChange, rowAfter } from '../net-change.ts'

/**
 * What the events ahead of a target mean for it: those that the snapshot of a comparison shows and the target does not
 * reflect yet. The rows that it will have once it has applied them are the ones that are compared, so that both sides are
 * at the same snapshot although nobody waits for the consumer.
 */
export class Ahead {
  private readonly definition: Definition
  private readonly changes: Changes
  private readonly failed: (error: unknown) => 'recompute'

  /** @param failed what becomes of a key whose fold fails, if the target goes past that event; else it throws */
  constructor(
    definition: Definition,
    changes: Changes = { byKey: new Map(), wheres: [] },
    failed: (error: unknown) => 'recompute' = () => 'recompute',
  ) {
    this.definition = definition
    this.changes = changes
    this.failed = failed
  }

  /** The keys that events name. */
  get keys(): ReadonlyMap<string, KeyOperations> {
    return this.changes.byKey
  }

  /** The values of rows that events ask to recompute. */
  get wheres(): readonly Row[] {
    return this.changes.wheres.map(({ where }) => where)
  }

  /**
   * The row of a key that events name, after them. A row that will be recomputed will be what the definition says, so
   * there is nothing to compare: `recompute`.
   */
  after({ operations }: KeyOperations, { row, ordinal, snapshot }: Kept): Row | undefined | 'recompute' {
    const later = operations.filter((operation) => operation.ordinal > ordinal)
    try {
      return rowAfter(netChange(unseen(later, snapshot)), row)
    } catch (error) {
      return this.failed(error)
    }
  }

  /** Whether events ask for the recompute of all rows with values that one of these has. */
  recomputes(...rows: readonly (Row | undefined)[]): boolean {
    return this.changes.wheres.some(({ where }) => rows.some((row) => row && this.matches(row, where)))
  }

  private matches(row: Row, where: Row): boolean {
    return Object.entries(where).every(([name, value]) => {
      const column = this.definition.columns.find((one) => one.name === name) as Column
      const found = row[name] ?? null
      if (value === null || found === null) return value === found
      return comparable(column, found) === comparable(column, value)
    })
  }
}

/** Values that PostgreSQL holds equal have one form. */
const comparable = ({ encoding }: Column, value: Value): string =>
  encoding.text(encoding.representative ? encoding.representative(value) : value)
