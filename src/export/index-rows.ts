import { keyText } from '../definition/key.ts'
import { keyOf } from '../definition/rows.ts'
import type { Column, Definition } from '../definition.ts'
import type { Row, Value } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'
import type { ValueSink } from '../materializer.ts'
import { withNeeded } from '../query/chosen.ts'
import type { Condition } from '../query/where.ts'
import type { Ahead } from '../verify/ahead.ts'
import type { ValueWriter } from './row-format.ts'
import type { StandIns } from './stand-ins.ts'

/** The conditions by which documents are read: those whose rows events ask to recompute may have other values by then. */
export function readConditions(
  { columns }: Definition,
  conditions: readonly Condition[],
  wheres: readonly Row[],
): readonly Condition[] {
  if (wheres.length === 0 || conditions.length === 0) return conditions
  const valued = (where: Row): Condition => ({
    operator: 'and',
    conditions: Object.entries(where).map(([name, value]): Condition => {
      const column = columns.find((one) => one.name === name) as Column
      return value === null ? { column, operator: 'null' } : { column, operator: 'eq', value }
    }),
  })
  return [{ operator: 'or', conditions: [{ operator: 'and', conditions: [...conditions] }, ...wheres.map(valued)] }]
}

/** Takes the rows of an index, and writes those that stay as they are at the snapshot. */
export class IndexRows implements ValueSink {
  /** Rows that were written. */
  written = 0
  /** Keys, by their texts, of rows whose values events ask to recompute, and that no stand-in replaces. */
  readonly recomputed = new Map<string, Value[]>()
  private readonly definition: Definition
  private readonly target: string
  private readonly writer: ValueWriter
  private readonly columns: readonly Column[]
  private readonly shown: number
  private readonly standIns: StandIns
  private readonly ahead: Ahead
  /** By column: its place in the key, or -1. */
  private readonly places: readonly number[]
  private readonly key: string[] = []
  private place = 0

  constructor(
    { definition, target }: { definition: Definition; target: string },
    columns: readonly Column[],
    writer: ValueWriter,
    { standIns, ahead }: { standIns: StandIns; ahead: Ahead },
  ) {
    this.definition = definition
    this.target = target
    this.writer = writer
    this.columns = withNeeded(columns, definition.key)
    this.shown = columns.length
    this.standIns = standIns
    this.ahead = ahead
    this.places = this.columns.map((column) => (standIns.keys.size > 0 ? definition.key.indexOf(column) : -1))
  }

  none(): void {
    if (this.place < this.shown) this.writer.none()
    this.place += 1
  }

  bytes(source: Buffer, start: number, end: number): void {
    const inKey = this.places[this.place] as number
    if (inKey >= 0) this.key[inKey] = source.toString('utf8', start, end)
    if (this.place < this.shown) this.writer.bytes(source, start, end)
    this.place += 1
  }

  text(value: string): void {
    const inKey = this.places[this.place] as number
    if (inKey >= 0) this.key[inKey] = value
    if (this.place < this.shown) this.writer.text(value)
    this.place += 1
  }

  unlike(): void {
    const { name } = this.columns[this.place] as Column
    throw new TrifoldError(
      'VALUE_INVALID',
      `export: ${this.target} holds a value of ${name} that the column cannot have; run \`trifold verify ${this.target} --repair\``,
    )
  }

  endOfRow(row: () => Row): void {
    this.place = 0
    if (this.isReplaced() || this.isRecomputed(row)) {
      this.writer.dropRow()
      return
    }
    this.writer.endOfRow()
    this.written += 1
  }

  private isReplaced(): boolean {
    if (this.standIns.keys.size === 0) return false
    const { key } = this.definition
    const values = key.map(({ encoding }, place) => encoding.decode(this.key[place] as string))
    return this.standIns.keys.has(keyText(key, values))
  }

  private isRecomputed(row: () => Row): boolean {
    if (this.ahead.wheres.length === 0) return false
    const whole = row()
    if (!this.ahead.recomputes(whole)) return false
    const key = keyOf(this.definition, whole)
    this.recomputed.set(keyText(this.definition.key, key), key)
    return true
  }
}
