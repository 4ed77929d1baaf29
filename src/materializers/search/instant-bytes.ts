const letterT = 0x54 // T
const letterZ = 0x5a // Z
const point = 0x2e // .
const blank = 0x20 // blank
const zero = 0x30 // 0
const plus = 0x2b // +

/** Bytes of an instant as PostgreSQL writes it. */
export const longestInstant = 32

/** Where the canonical form of years of four digits has its marks: `2026-01-02T03:04:05.600000Z`. */
const [day, second, end] = [10, 19, 26]

/**
 * Writes a canonical instant as PostgreSQL does: `2026-01-02 03:04:05.6+00`.
 *
 * @returns how many bytes; 0 for one of another form, such as infinity
 */
export function instantBytes(source: Buffer, from: number, to: number, into: Buffer): number {
  const length = to - from
  const isZoned = length === end + 1 && source[from + end] === letterZ
  if (!isZoned && length !== end) return 0
  if (source[from + day] !== letterT || source[from + second] !== point) return 0
  let last = end
  while (source[from + last - 1] === zero) last--
  if (last === second + 1) last = second
  for (let at = 0; at < last; at++) into[at] = source[from + at] as number
  into[day] = blank
  if (!isZoned) return last
  into[last] = plus
  into[last + 1] = zero
  into[last + 2] = zero
  return last + 3
}
