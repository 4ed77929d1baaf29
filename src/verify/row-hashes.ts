import type { Column } from '../definition.ts'
import type { Row } from '../encoding.ts'
import type { ValueSink } from '../materializer.ts'
import { RecordText } from './record-text.ts'
import { hashText } from './text-hash.ts'

/** Parts of a range whose rows are hashed apart. A power of two. */
export const partCount = 1_024

/** How the rows of a part compare with those of another place. */
export interface HashedPart {
  rows: number
  /** The exclusive or of the rows' hashes, as PostgreSQL writes it. */
  hash: string
}

/** Takes the values of rows, and finds the part that each row belongs to by the hash of its key. */
abstract class KeyedRows implements ValueSink {
  protected readonly key = new RecordText()
  private readonly isKey: readonly boolean[]
  private place = 0

  constructor(columns: readonly Column[], key: readonly Column[]) {
    this.isKey = columns.map(({ name }) => key.some((one) => one.name === name))
  }

  none(): void {
    if (this.isKey[this.place++]) this.key.addNone()
  }

  bytes(source: Buffer, start: number, end: number): void {
    if (this.isKey[this.place++]) this.key.add(source, start, end)
  }

  text(value: string): void {
    const bytes = Buffer.from(value)
    this.bytes(bytes, 0, bytes.length)
  }

  unlike(): void {
    if (this.isKey[this.place++]) this.key.addUnlike()
  }

  endOfRow(row: () => Row): void {
    const { high, low } = this.key.hashed()
    this.endKeyed(low & (partCount - 1), hashNumber(high, low), row)
    this.key.begin()
    this.place = 0
  }

  /** @param key the hash of the key */
  protected abstract endKeyed(part: number, key: number, row: () => Row): void
}

/** The rows of each part, counted and hashed. */
export class RowHashes extends KeyedRows {
  private readonly record = new RecordText()
  private readonly left: ReadonlySet<number>
  private readonly rows = new Int32Array(partCount)
  private readonly high = new Int32Array(partCount)
  private readonly low = new Int32Array(partCount)

  /** @param left the hashes of keys whose rows are left out, see {@link hashNumber} */
  constructor(columns: readonly Column[], key: readonly Column[], left: ReadonlySet<number>) {
    super(columns, key)
    this.left = left
  }

  override none(): void {
    super.none()
    this.record.addNone()
  }

  override bytes(source: Buffer, start: number, end: number): void {
    super.bytes(source, start, end)
    this.record.add(source, start, end)
  }

  override unlike(): void {
    super.unlike()
    this.record.addUnlike()
  }

  protected endKeyed(part: number, key: number): void {
    const { high, low } = this.record.hashed()
    if (!this.left.has(key)) {
      ;(this.rows[part] as number) += 1
      ;(this.high[part] as number) ^= high
      ;(this.low[part] as number) ^= low
    }
    this.record.begin()
  }

  /** Those that have rows, by number. */
  parts(): Map<number, HashedPart> {
    const parts = new Map<number, HashedPart>()
    for (const [part, rows] of this.rows.entries())
      if (rows > 0) parts.set(part, { rows, hash: hashText(this.high[part] as number, this.low[part] as number) })
    return parts
  }
}

/** The rows of some parts. */
export class RowsOfParts extends KeyedRows {
  readonly rows: Row[] = []
  private readonly parts: ReadonlySet<number>

  constructor(key: readonly Column[], parts: ReadonlySet<number>) {
    super(key, key)
    this.parts = parts
  }

  protected endKeyed(part: number, _key: number, row: () => Row): void {
    if (this.parts.has(part)) this.rows.push(row())
  }
}

/** A hash as a number, of which 53 bits are told apart. */
export const hashNumber = (high: number, low: number): number => high * 2 ** 32 + (low >>> 0)
