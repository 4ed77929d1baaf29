/** Bytes that follow the last one while a text is hashed. */
const padding = 12

/** A text as UTF-8 that grows at its end, and its hash. */
export class ByteText {
  /** Longer than the text. */
  bytes = Buffer.alloc(1_024)
  length = 0
  /** The halves of the hash, as of the last {@link hash}. */
  high = 0
  low = 0
  private words = wordsOf(this.bytes)

  clear(): void {
    this.length = 0
  }

  append(text: string): void {
    this.makeRoom(text.length * 3)
    this.length += this.bytes.write(text, this.length)
  }

  /** So that `more` bytes can be written behind the last one. */
  makeRoom(more: number): void {
    const needed = this.length + more + padding
    if (needed <= this.bytes.length) return
    const larger = Buffer.alloc(needed * 2)
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
    this.words = wordsOf(larger)
  }

  /**
   * As `hashtextextended(text, 0)` of PostgreSQL on a little-endian server: lookup3 of Bob Jenkins (`hash_bytes_extended` of
   * `src/common/hashfn.c`). A server that hashes otherwise differs everywhere, and then rows are compared one by one.
   */
  hash(): void {
    const { length, words } = this
    let a = (0x9e3779b9 + length + 3_923_095) | 0
    let b = a
    let c = a
    let at = 0
    for (; length - at >= 12; at += 12) {
      a = (a + words.getInt32(at, true)) | 0
      b = (b + words.getInt32(at + 4, true)) | 0
      c = (c + words.getInt32(at + 8, true)) | 0
      a = ((a - c) | 0) ^ turned(c, 4)
      c = (c + b) | 0
      b = ((b - a) | 0) ^ turned(a, 6)
      a = (a + c) | 0
      c = ((c - b) | 0) ^ turned(b, 8)
      b = (b + a) | 0
      a = ((a - c) | 0) ^ turned(c, 16)
      c = (c + b) | 0
      b = ((b - a) | 0) ^ turned(a, 19)
      a = (a + c) | 0
      c = ((c - b) | 0) ^ turned(b, 4)
      b = (b + a) | 0
    }
    for (let zero = length; zero < length + padding; zero++) this.bytes[zero] = 0
    a = (a + words.getInt32(at, true)) | 0
    b = (b + words.getInt32(at + 4, true)) | 0
    c = (c + (words.getInt32(at + 8, true) << 8)) | 0 // its lowest byte has the length
    c = ((c ^ b) - turned(b, 14)) | 0
    a = ((a ^ c) - turned(c, 11)) | 0
    b = ((b ^ a) - turned(a, 25)) | 0
    c = ((c ^ b) - turned(b, 16)) | 0
    a = ((a ^ c) - turned(c, 4)) | 0
    b = ((b ^ a) - turned(a, 14)) | 0
    c = ((c ^ b) - turned(b, 24)) | 0
    this.high = b
    this.low = c
  }
}

const wordsOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

const turned = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))
