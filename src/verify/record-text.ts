import { ByteText } from './byte-text.ts'

const comma = 0x2c // ,
const quote = 0x22 // "
const backslash = 0x5c // \
const open = 0x28 // (
const close = 0x29 // )

/** What a byte asks for as a part of a record: 0 nothing, 1 quotes around the part, 2 to be written twice too. */
const asks = new Uint8Array(256)
for (const one of ',() \t\n\v\f\r') asks[one.charCodeAt(0)] = 1
for (const one of '"\\') asks[one.charCodeAt(0)] = 2

/** A record as `row(...)::text` of PostgreSQL writes it, made from the texts of its values as bytes. */
export class RecordText {
  private readonly text = new ByteText()

  begin(): void {
    this.text.clear()
  }

  /** A value that is missing is empty. */
  addNone(): void {
    this.text.makeRoom(1)
    this.byte(this.text.length === 0 ? open : comma)
  }

  add(source: Buffer, start: number, end: number): void {
    this.addNone()
    this.text.makeRoom(2 * (end - start) + 2)
    if (!this.addPlain(source, start, end)) this.addQuoted(source, start, end)
  }

  /** A text that is no value's: PostgreSQL holds no zeros. */
  addUnlike(): void {
    this.add(zero, 0, 1)
  }

  /** Ends the record. @returns with its hash */
  hashed(): Pick<ByteText, 'high' | 'low'> {
    this.text.makeRoom(1)
    this.byte(close)
    this.text.hash()
    return this.text
  }

  /** @returns false if the part needs quotes, an empty one too */
  private addPlain(source: Buffer, start: number, end: number): boolean {
    const { bytes } = this.text
    let at = this.text.length
    for (let from = start; from < end; from++) {
      const byte = source[from] as number
      if (asks[byte] !== 0) return false
      bytes[at++] = byte
    }
    this.text.length = at
    return start < end
  }

  private addQuoted(source: Buffer, start: number, end: number): void {
    this.byte(quote)
    for (let from = start; from < end; from++) {
      const byte = source[from] as number
      if (byte === quote || byte === backslash) this.byte(byte)
      this.byte(byte)
    }
    this.byte(quote)
  }

  private byte(byte: number): void {
    this.text.bytes[this.text.length++] = byte
  }
}

const zero = Buffer.alloc(1)
