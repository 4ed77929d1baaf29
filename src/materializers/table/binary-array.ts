import type { Value } from '../../encoding.ts'

// One-dimensional array parameters in PostgreSQL's binary form (array_recv): the driver sends a Buffer as it is, which
// saves the quoting of the text form on both sides, and of numbers the text altogether.

type Items = readonly (Value | undefined)[]

const textOid = 25
const bigintOid = 20
const headerBytes = 20

/** Up to this length a text is written here, character by character: a call of the runtime's own writer costs more. */
const shortText = 48

/** A `text[]`. Null and undefined become null. */
export function textArray(items: Items, textOf: (value: Value) => string): Buffer {
  const texts = items.map((item) => (item === null || item === undefined ? null : textOf(item)))
  const buffer = Buffer.allocUnsafe(mostBytes(texts))
  let at = writeHeader(buffer, textOid, texts.length)
  for (const text of texts) {
    const length = text === null ? -1 : writeText(buffer, text, at + 4)
    buffer.writeInt32BE(length, at)
    at += 4 + Math.max(length, 0)
  }
  return buffer.subarray(0, at)
}

/** A `bigint[]` of whole numbers. Null and undefined become null. */
export function bigintArray(items: Items): Buffer {
  const buffer = Buffer.allocUnsafe(headerBytes + 12 * items.length)
  let at = writeHeader(buffer, bigintOid, items.length)
  for (const item of items) {
    if (typeof item !== 'number') {
      at = buffer.writeInt32BE(-1, at)
      continue
    }
    at = buffer.writeInt32BE(8, at)
    at = buffer.writeInt32BE(Math.floor(item / 2 ** 32), at)
    at = buffer.writeInt32BE(item | 0, at) // the lower 32 bits
  }
  return buffer.subarray(0, at)
}

/** Dimensions, whether nulls may follow, the type; then the dimension's length and first index. Returns where it ends. */
function writeHeader(buffer: Buffer, oid: number, length: number): number {
  buffer.writeInt32BE(length === 0 ? 0 : 1, 0)
  buffer.writeInt32BE(1, 4)
  buffer.writeInt32BE(oid, 8)
  if (length === 0) return 12
  buffer.writeInt32BE(length, 12)
  return buffer.writeInt32BE(1, 16)
}

/** Returns the number of bytes. */
function writeText(buffer: Buffer, text: string, at: number): number {
  const { length } = text
  if (length > shortText) return buffer.write(text, at)
  for (let place = 0; place < length; place++) {
    const code = text.charCodeAt(place)
    if (code > 0x7f) return buffer.write(text, at) // over what was begun
    buffer[at + place] = code
  }
  return length
}

/** A character of JavaScript takes at most three bytes in UTF-8; to measure exactly would cost as much as to write. */
function mostBytes(texts: readonly (string | null)[]): number {
  let bytes = headerBytes
  for (const text of texts) bytes += 4 + (text === null ? 0 : 3 * text.length)
  return bytes
}
