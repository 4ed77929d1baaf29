import type { Column } from '../definition.ts'
import type { Chunk } from './chunk.ts'
import type { ValueWriter } from './row-format.ts'

const [quote, comma, apostrophe, carriageReturn, lineFeed] = [0x22, 0x2c, 0x27, 0x0d, 0x0a] as const

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
    if (this.isPlain(source, start, end)) {
      if (isFormula) this.chunk.addByte(apostrophe)
      this.chunk.add(source, start, end)
    } else this.quoted(source, start, end, isFormula)
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

  private isPlain(source: Buffer, start: number, end: number): boolean {
    for (let at = start; at < end; at++) if (special[source[at] as number] === 1) return false
    return start < end && !(this.guarded.length === 1 && source.subarray(start, end).equals(endOfData))
  }

  private quoted(source: Buffer, start: number, end: number, isFormula: boolean): void {
    const { chunk } = this
    chunk.addByte(quote)
    if (isFormula) chunk.addByte(apostrophe)
    for (let from = start; from < end; ) {
      const found = source.indexOf(quote, from)
      const to = found < 0 || found >= end ? end : found + 1
      chunk.add(source, from, to)
      if (source[to - 1] === quote) chunk.addByte(quote)
      from = to
    }
    chunk.addByte(quote)
  }
}
