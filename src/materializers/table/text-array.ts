const textOid = 25
const headerBytes = 20

/** Up to this length a text is written here, character by character: a call of the runtime's own writer costs more. */
const shortText = 48

/**
 * A one-dimensional `text[]` parameter in PostgreSQL's binary form (array_recv): the driver sends a Buffer as it is, which
 * saves the quoting of the text form on both sides.
 */
export function textArray(items: readonly (string | null)[]): Buffer {
  const buffer = Buffer.allocUnsafe(mostBytes(items))
  buffer.writeInt32BE(items.length === 0 ? 0 : 1, 0)
  buffer.writeInt32BE(1, 4)
  buffer.writeInt32BE(textOid, 8)
  if (items.length === 0) return buffer.subarray(0, 12)
  buffer.writeInt32BE(items.length, 12)
  buffer.writeInt32BE(1, 16)
  let at = headerBytes
  for (const item of items) {
    const length = item === null ? -1 : writeText(buffer, item, at + 4)
    buffer.writeInt32BE(length, at)
    at += 4 + Math.max(length, 0)
  }
  return buffer.subarray(0, at)
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
function mostBytes(items: readonly (string | null)[]): number {
  let bytes = headerBytes
  for (const item of items) bytes += 4 + (item === null ? 0 : 3 * item.length)
  return bytes
}
