import { createHash } from 'node:crypto'
import type { Encoding, Value } from '../encoding.ts'
import { invalid } from './invalid.ts'

/** Whether a text has one half of a character that takes two (a lone surrogate): UTF-8 has no form of it. */
export const hasHalfCharacter = (value: string): boolean => /\p{Surrogate}/u.test(value)

/** Whether a text can be stored: a character in two halves, or half of one, and PostgreSQL's end of text cannot. */
export function textFault(value: string): string | undefined {
  if (hasHalfCharacter(value)) return 'text of whole characters (one of them was cut in half)'
  return value.includes('\0') ? 'text that PostgreSQL can store (it has a zero character)' : undefined
}

function canonicalText(value: unknown): string {
  if (typeof value !== 'string') throw invalid('text', value)
  const fault = textFault(value)
  if (fault) throw invalid(fault, value)
  return value
}

/** Bytes of a text that an index holds as it is: a term has at most 32,766, and the mark of a longer text needs 68. */
const longestTerm = 32_000
const mark = '\u{10FFFF}'

/**
 * What represents a text in an index: the text itself, or of a long one its beginning and its hash. Equal texts have
 * equal terms; the order of two terms is that of the texts, except of two long ones that begin alike.
 */
export function termOf(value: Value): Value {
  const text = value as string
  if (text.length * 3 <= longestTerm || Buffer.byteLength(text) <= longestTerm) return text
  const bytes = Buffer.from(text)
  let end = longestTerm
  while (((bytes[end] as number) & 0xc0) === 0x80) end-- // not within a character
  return `${bytes.toString('utf8', 0, end)}${mark}${createHash('sha256').update(bytes).digest('hex')}`
}

export const text: Encoding = {
  pgType: 'text',
  tsType: 'string',
  mapping: { type: 'keyword' },
  decode: (value) => value,
  canonical: canonicalText,
  text: (value) => value as string,
  term: termOf,
}

/** `char(n)` is padded with blanks in some places and not in others; they mean nothing. */
export const blankPadded: Encoding = {
  ...text,
  isCast: true,
  canonical: (value) => canonicalText(value).replace(/ +$/, ''),
}

export const varchar: Encoding = { ...text, isCast: true }

/** An enum, kept as text: its order is that of the labels' texts, in every target. */
export function enumeration(name: string, labels: readonly string[]): Encoding {
  return {
    ...text,
    isCast: true,
    tsType: labels.map((label) => `'${label.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`).join(' | ') || 'never',
    canonical(value) {
      if (typeof value === 'string' && labels.includes(value)) return value
      throw invalid(
        `a label of ${name} (${labels.join(', ')}; a process knows those of the time when it started)`,
        value,
      )
    },
  }
}

export const uuid: Encoding = {
  ...text,
  pgType: 'uuid',
  canonical(value) {
    if (typeof value !== 'string' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value))
      throw invalid('a uuid', value)
    return value.toLowerCase()
  },
}

/** Bytes as PostgreSQL writes them: `\x` and two hexadecimal digits for each. */
export const bytea: Encoding = {
  ...text,
  pgType: 'bytea',
  canonical(value) {
    if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
    if (typeof value !== 'string' || !/^\\x([0-9a-f]{2})*$/i.test(value))
      throw invalid('bytes (\\x and hexadecimal digits)', value)
    return value.toLowerCase()
  },
}

export const boolean: Encoding = {
  pgType: 'boolean',
  tsType: 'boolean',
  mapping: { type: 'boolean' },
  decode: (value) => value === 't' || value === 'true',
  canonical(value) {
    if (typeof value !== 'boolean') throw invalid('a boolean', value)
    return value
  },
  text: (value) => String(value),
}
