const quote = 0x22 // "
const backslash = 0x5c // \
const comma = 0x2c // ,
const openObject = 0x7b // {
const closeObject = 0x7d // }
const openArray = 0x5b // [
const closeArray = 0x5d // ]

/** Behind the blanks that begin at `at`. */
export function skipBlanks(json: Buffer, at: number): number {
  let end = at
  while ((json[end] as number) <= 32) end++
  return end
}

/** Behind the string whose first quote is at `at`. */
export function skipString(json: Buffer, at: number): number {
  for (let end = at + 1; end < json.length; end++) {
    const byte = json[end]
    if (byte === backslash) end++
    else if (byte === quote) return end + 1
  }
  return json.length
}

/** Behind the value that begins at `at`. */
export function skipValue(json: Buffer, at: number): number {
  const first = json[at]
  if (first === quote) return skipString(json, at)
  if (first === openObject || first === openArray) return skipNested(json, at)
  let end = at
  while (end < json.length && !endsToken(json[end] as number)) end++
  return end
}

const endsToken = (byte: number): boolean => byte === comma || byte === closeObject || byte === closeArray || byte <= 32

function skipNested(json: Buffer, at: number): number {
  let depth = 0
  for (let end = at; end < json.length; ) {
    const byte = json[end]
    if (byte === quote) {
      end = skipString(json, end)
      continue
    }
    end++
    if (byte === openObject || byte === openArray) depth++
    else if ((byte === closeObject || byte === closeArray) && --depth === 0) return end
  }
  return json.length
}

/** Whether the bytes from `at` are those of a token. */
export function hasToken(json: Buffer, at: number, end: number, token: Buffer): boolean {
  if (end - at !== token.length) return false
  for (let place = 0; place < token.length; place++) if (json[at + place] !== token[place]) return false
  return true
}

/** Whether a string has no escapes, so that its bytes are those of its text. */
export function isPlain(json: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (json[at] === backslash) return false
  return true
}
