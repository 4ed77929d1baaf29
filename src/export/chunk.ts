const firstSize = 512 * 1024

/** Bytes that are collected until they are worth a write. */
export class Chunk {
  length = 0
  private bytes = Buffer.allocUnsafe(firstSize)

  add(source: Buffer, start: number, end: number): void {
    this.makeRoom(end - start)
    this.length += source.copy(this.bytes, this.length, start, end)
  }

  addByte(byte: number): void {
    this.makeRoom(1)
    this.bytes[this.length++] = byte
  }

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
