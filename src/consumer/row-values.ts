import { keyText } from '../definition/key.ts'
import type { Column, Definition } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'
import { shownValue } from '../observe.ts'

/** Brings what the handlers of a read model write into canonical form, and gives them rows in the application's. */
export class RowValues {
  private readonly readModel: string
  private readonly columns: Map<string, Column>
  private readonly key: readonly Column[]
  /** Copied for each row: it has the place for all columns at once. */
  private readonly blank: Row = {}

  constructor(definition: Definition) {
    this.readModel = definition.readModel
    this.columns = new Map(definition.columns.map((column) => [column.name, column]))
    this.key = definition.key
    for (const { name } of definition.columns) this.blank[name] = null
  }

  /** Every column in canonical form; a column that is left out is null. @param kept columns that are canonical already */
  wholeRow(row: object, kept?: Row): Row {
    const given = row as Record<string, unknown>
    for (const name in given) if (!this.columns.has(name)) throw this.unknownColumn(name)
    const whole: Row = kept ? { ...this.blank, ...kept } : { ...this.blank }
    for (const column of this.columns.values())
      if (!kept || !(column.name in kept)) whole[column.name] = canonical(column, given[column.name])
    return whole
  }

  /** Some columns, none of the key. */
  patchOf(columns: object): Row {
    for (const { name } of this.key) if (name in columns) throw keyPatched(name)
    return this.someColumns(columns)
  }

  someColumns(columns: object): Row {
    const some: Row = {}
    for (const name in columns) {
      const column = this.columns.get(name)
      if (!column) throw this.unknownColumn(name)
      some[name] = canonical(column, (columns as Record<string, unknown>)[name])
    }
    return some
  }

  keyOf(key: readonly unknown[]): Value[] {
    if (!Array.isArray(key) || key.length !== this.key.length) {
      const names = this.key.map((column) => column.name).join(', ')
      throw new TrifoldError('HANDLER_FAILED', `a key is a list of the values of ${names}; it gave ${shownValue(key)}`)
    }
    return this.key.map((column, place) => canonical(column, key[place]))
  }

  /** The application's form, in copies: a handler that changes what it is given must not change what is known. */
  read(row: Row): Row {
    const read: Row = { ...row }
    for (const { name, encoding } of this.columns.values()) {
      const value = row[name] as Value
      if (encoding.read && value !== null) read[name] = encoding.read(value)
      else if (Array.isArray(value)) read[name] = [...value]
    }
    return read
  }

  /** A value that the handler left alone stays as it is stored, even if JavaScript shows less of it than that. */
  rowAfter(before: Row, next: Row): Row {
    const given: Row = { ...next }
    const kept: Row = {}
    for (const { name, encoding } of this.columns.values()) {
      const value = before[name] as Value
      if (!encoding.read || value === null || !isSameJson(encoding.read(value), given[name])) continue
      kept[name] = value
      delete given[name]
    }
    return this.wholeRow(given, kept)
  }

  /** The row, if it has the key that it is to have. */
  withKey(row: Row, text: string): Row {
    const key = keyText(
      this.key,
      this.key.map((column) => row[column.name] as Value),
    )
    if (key === text) return row
    throw new TrifoldError('HANDLER_FAILED', `a fold of the key ${text} gave a row with the key ${key}`)
  }

  private unknownColumn(name: string): TrifoldError {
    return new TrifoldError(
      'HANDLER_UNKNOWN_COLUMN',
      `it writes the column ${name}, which the definition of ${this.readModel} lacks (columns: ${[...this.columns.keys()].join(', ')})`,
    )
  }
}

const isSameJson = (before: Value, after: Value | undefined): boolean =>
  JSON.stringify(before) === JSON.stringify(after ?? null)

const keyPatched = (name: string): TrifoldError =>
  new TrifoldError('HANDLER_FAILED', `a patch cannot change the key column ${name}; remove the row and set the new one`)

function canonical(column: Column, value: unknown): Value {
  if (value === null || value === undefined) {
    if (column.notNull || column.neverNull)
      throw new TrifoldError('VALUE_INVALID', `the column ${column.name} is never null, but no value was given`)
    return null
  }
  try {
    return column.encoding.canonical(value)
  } catch (cause) {
    throw new TrifoldError('VALUE_INVALID', `the column ${column.name}: ${(cause as Error).message}`, { cause })
  }
}
