import type { Column } from '../definition.ts'
import type { Chunk } from './chunk.ts'
import type { ValueWriter } from './row-format.ts'

const [quote, comma, carriageReturn, lineFeed] = [0x22, 0x2c, 0x0d, 0x0a] as const
const apostrophe = Buffer.from("'")

/** Bytes that need quotes around the value. */
const special = new Uint8Array(256)
for (const one of [quote, comma, carriageReturn, lineFeed]) special[one] = 1

/** Bytes with which a formula begins. */
const formula = new Uint8Array(256)
for (const one of '=+-@\t\r') formula[one.charCodeAt(0)] = 1

const endOfData = Buffer.from('\\.')

/** Writes rows as `copy` of PostgreSQL does in its CSV format, with the line ends of RFC 4180. */
export class CsvWriter implements ValueWriter {
  private readonly chunk: Chunk
  /** By column: whether its values may look like formulas. */
  private readonly guarded: readonly boolean[]
  private place = 0
  private start = 0

  constructor(chunk: Chunk, columns: readonly Column[], isRaw: boolean) {
    this.chunk = chunk
    this.guarded = columns.map(({ encoding }) => !isRaw && encoding.pgType === 'text')
  }

  none(): void {
    this.begin()
  }

  text(value: string): void {
    const bytes = Buffer.from(value)
    this.bytes(bytes, 0, bytes.length)
  }

  bytes(source: Buffer, start: number, end: number): void {
    const isFormula = this.guarded[this.place] === true && end > start && formula[source[start] as number] === 1
    this.begin()
    const isPlain = start < end && !this.isEndOfData(source, start, end)
    if (!isPlain || isFormula || !this.chunk.addUnmarked(special, source, start, end))
      this.addMarked(source.subarray(start, end), isFormula)
  }

  endOfRow(): void {
    this.chunk.addByte(carriageReturn)
    this.chunk.addByte(lineFeed)
    this.place = 0
  }

  dropRow(): void {
    if (this.place > 0) this.chunk.length = this.start
    this.place = 0
  }

  private begin(): void {
    if (this.place === 0) this.start = this.chunk.length
    else this.chunk.addByte(comma)
    this.place += 1
  }

  /** As the only value of a row `\\.` would end the data of a `copy`. */
  private isEndOfData(source: Buffer, start: number, end: number): boolean {
    return this.guarded.length === 1 && source.subarray(start, end).equals(endOfData)
  }

  private addMarked(given: Buffer, isFormula: boolean): void {
    const { chunk } = this
    const value = isFormula ? Buffer.concat([apostrophe, given]) : given
    if (isFormula && chunk.addUnmarked(special, value, 0, value.length)) return
    chunk.addByte(quote)
    for (let from = 0; from < value.length; ) {
      const found = value.indexOf(quote, from)
      const to = found < 0 ? value.length : found + 1
      chunk.add(value, from, to)
      if (value[to - 1] === quote) chunk.addByte(quote)
      from = to
    }
    chunk.addByte(quote)
  }
}
