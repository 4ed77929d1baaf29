const firstSize = 512 * 1024

/** Bytes that are collected until they are worth a write. */
export class Chunk {
  length = 0
  private bytes = Buffer.allocUnsafe(firstSize)

  /** Adds the bytes from `start` to `end` of a larger buffer. */
  add(source: Buffer, start: number, end: number): void {
    this.makeRoom(end - start)
    this.length += source.copy(this.bytes, this.length, start, end)
  }

  /**
   * Adds bytes if none of them is marked. For a short value this is quicker than a copy.
   *
   * @param marked 1 at the bytes that are not to be among them
   */
  addUnmarked(marked: Uint8Array, source: Buffer, start: number, end: number): boolean {
    this.makeRoom(end - start)
    let at = this.length
    for (let from = start; from < end; from++) {
      const byte = source[from] as number
      if (marked[byte] === 1) return false
      this.bytes[at++] = byte
    }
    this.length = at
    return true
  }

  /** Adds one byte. */
  addByte(byte: number): void {
    this.makeRoom(1)
    this.bytes[this.length++] = byte
  }

  /** Adds a text in UTF-8. */
  addText(text: string): void {
    this.makeRoom(text.length * 3)
    this.length += this.bytes.write(text, this.length)
  }

  /** What was collected; the next bytes begin another chunk. */
  take(): Buffer {
    const taken = Buffer.from(this.bytes.subarray(0, this.length))
    this.length = 0
    if (this.bytes.length > 4 * firstSize) this.bytes = Buffer.allocUnsafe(firstSize)
    return taken
  }

  private makeRoom(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.length + more))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }
}
