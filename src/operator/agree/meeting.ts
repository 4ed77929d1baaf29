import { isDeepStrictEqual } from 'node:util'
import type { CanonicalRow } from '../../consumer/fold.ts'
import { keyOf } from '../../definition/rows.ts'
import type { Definition } from '../../definition.ts'
import { keyText } from '../../read-model/key.ts'

const mostExamples = 5

/**
 * Where the rows of a definition and those of a target meet by their keys. Both come page by page in the order of the key,
 * so that few wait for the other side, and only while the two differ.
 */
export class Meeting {
  /** Rows of the definition. */
  rows = 0
  /** Rows of both sides that have different values. */
  different = 0
  private readonly examples: string[] = []
  private readonly definition: Definition
  private readonly wanted = new Map<string, CanonicalRow>()
  private readonly found = new Map<string, CanonicalRow>()

  constructor(definition: Definition) {
    this.definition = definition
  }

  /** Rows of the definition have come. */
  want(rows: readonly CanonicalRow[]): void {
    this.rows += rows.length
    this.meet(rows, this.wanted, this.found)
  }

  /** Rows of the target have come. */
  find(rows: readonly CanonicalRow[]): void {
    this.meet(rows, this.found, this.wanted)
  }

  /** Once all rows have come. */
  result(): { rows: number; missing: number; surplus: number; different: number; examples: string[] } {
    const { rows, different, wanted, found } = this
    const examples = [...this.examples, ...found.keys(), ...wanted.keys()].slice(0, mostExamples)
    return { rows, missing: wanted.size, surplus: found.size, different, examples }
  }

  private meet(rows: readonly CanonicalRow[], own: Map<string, CanonicalRow>, others: Map<string, CanonicalRow>): void {
    for (const row of rows) {
      const key = keyText(this.definition.key, keyOf(this.definition, row))
      const other = others.get(key)
      if (!other) own.set(key, row)
      else others.delete(key)
      if (other && !isDeepStrictEqual(row, other)) this.differ(key)
    }
  }

  private differ(key: string): void {
    this.different += 1
    if (this.examples.length < mostExamples) this.examples.push(key)
  }
}
