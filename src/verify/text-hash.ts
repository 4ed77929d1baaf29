import { ByteText } from './byte-text.ts'

/** A hash of 64 bits, in two halves; of many texts, the exclusive or of theirs. */
export class TextHash {
  private high = 0
  private low = 0

  /** Adds the hash of a text as `hashtextextended(text, 0)` of PostgreSQL gives it, see {@link ByteText}. */
  add(text: string): void {
    const { high, low } = TextHash.of(text)
    this.high ^= high
    this.low ^= low
  }

  /** The halves of the hash of one text. */
  static of(text: string): Pick<ByteText, 'high' | 'low'> {
    shared.clear()
    shared.append(text)
    shared.hash()
    return shared
  }

  /** As PostgreSQL writes it: a signed integer of 64 bits. */
  toString(): string {
    return hashText(this.high, this.low)
  }
}

/** The two halves of a hash as PostgreSQL writes it. */
export const hashText = (high: number, low: number): string =>
  BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0)).toString()

const shared = new ByteText()
