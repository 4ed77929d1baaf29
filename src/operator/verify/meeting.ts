import { isDeepStrictEqual } from 'node:util'
import { keyText } from '../../definition/key.ts'
import { keyOf } from '../../definition/rows.ts'
import type { Definition } from '../../definition.ts'
import type { Row } from '../../encoding.ts'

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
  private readonly wanted = new Map<string, Row>()
  private readonly found = new Map<string, Row>()

  constructor(definition: Definition) {
    this.definition = definition
  }

  /** Rows of the definition have come. */
  want(rows: readonly Row[]): void {
    this.rows += rows.length
    this.meet(rows, this.wanted, this.found)
  }

  /** Rows of the target have come. */
  find(rows: readonly Row[]): void {
    this.meet(rows, this.found, this.wanted)
  }

  /** Once all rows have come. */
  result(): { rows: number; missing: number; surplus: number; different: number; examples: string[] } {
    const { rows, different, wanted, found } = this
    const examples = [...this.examples, ...found.keys(), ...wanted.keys()].slice(0, mostExamples)
    return { rows, missing: wanted.size, surplus: found.size, different, examples }
  }

  private meet(rows: readonly Row[], own: Map<string, Row>, others: Map<string, Row>): void {
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
