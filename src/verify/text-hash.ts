/** A hash of 64 bits, in two halves; of many texts, the exclusive or of theirs. */
export class TextHash {
  private high = 0
  private low = 0

  /**
   * Adds the hash of a text as `hashtextextended(text, 0)` of PostgreSQL gives it, on a little-endian server: lookup3 of Bob
   * Jenkins (`hash_bytes_extended` of `src/common/hashfn.c`). A server that hashes otherwise differs everywhere, and then
   * rows are compared one by one.
   */
  add(text: string): void {
    const length = encoder.write(text)
    const { bytes, words } = encoder
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
    bytes.fill(0, length, length + 12)
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
    this.high ^= b
    this.low ^= c
  }

  /** As PostgreSQL writes it: a signed integer of 64 bits. */
  toString(): string {
    return BigInt.asIntN(64, (BigInt(this.high) << 32n) | BigInt(this.low >>> 0)).toString()
  }
}

const turned = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))

/** Texts as UTF-8, with room for the zeros behind the last word. */
class TextBytes {
  bytes = Buffer.alloc(1_024)
  words = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length)

  /** @returns the number of bytes */
  write(text: string): number {
    const most = text.length * 3 + 12
    if (most > this.bytes.length) {
      this.bytes = Buffer.alloc(most * 2)
      this.words = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length)
    }
    return this.bytes.write(text)
  }
}

const encoder = new TextBytes()
