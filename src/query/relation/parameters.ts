import type { Column } from '../../definition.ts'
import { arrayText } from '../../encoding/array.ts'
import type { Value } from '../../encoding.ts'

/** The parameters of one statement, each in the text form of its column's encoding. */
export class Parameters {
  readonly values: string[] = []

  /** The placeholder of a value of the column. */
  value(column: Column, value: Value): string {
    return this.bind(column.encoding.text(value), column.encoding.pgType)
  }

  /** The placeholder of an array of values of the column. */
  list(column: Column, values: readonly Value[]): string {
    return this.bind(arrayText(values.map((value) => column.encoding.text(value))), `${column.encoding.pgType}[]`)
  }

  /** The placeholder of a decimal, as a number of a type of PostgreSQL. */
  number(value: string, type: string): string {
    return this.bind(value, type)
  }

  count(value: number): string {
    return this.bind(String(value), 'bigint')
  }

  protected bind(text: string, type: string): string {
    this.values.push(text)
    return `$${this.values.length}::${type}`
  }
}
