import type { Column } from '../definition.ts'
import type { Value } from '../encoding.ts'
import { TrifoldError } from '../errors.ts'

/** Bytes of a key's values together: an entry of PostgreSQL's indexes has at most 2,704. */
export const longestKey = 2_500

/**
 * The canonical text of a key: of a document's id, and the key of `row_snapshots`.
 *
 * @throws VALUE_INVALID if the key is longer than the indexes of all targets hold
 */
export function keyText(columns: readonly Column[], key: readonly Value[]): string {
  if (columns.length === 1) return checkedKey(columns, partText(columns[0] as Column, key[0] as Value))
  return checkedKey(columns, JSON.stringify(columns.map((column, place) => partText(column, key[place] as Value))))
}

/** The key of a {@link keyText}. */
export function keyOfText(columns: readonly Column[], text: string): Value[] {
  const parts = columns.length === 1 ? [text] : (JSON.parse(text) as string[])
  return columns.map(({ encoding }, place) => encoding.decode(parts[place] as string))
}

function checkedKey(columns: readonly Column[], text: string): string {
  if (text.length * 3 > longestKey && bytesOf(columns, text) > longestKey) throw tooLong(columns, text)
  return text
}

/** Values that PostgreSQL holds equal are one key. */
const partText = ({ encoding }: Column, value: Value): string =>
  encoding.text(encoding.representative ? encoding.representative(value) : value)

const bytesOf = (columns: readonly Column[], text: string): number => {
  const parts = columns.length === 1 ? [text] : (JSON.parse(text) as string[])
  return parts.reduce((bytes, part) => bytes + Buffer.byteLength(part), 0)
}

const tooLong = (columns: readonly Column[], text: string): TrifoldError =>
  new TrifoldError(
    'VALUE_INVALID',
    `definition: the key ${text.slice(0, 80)}… (${columns.map(({ name }) => name).join(', ')}) has more than ` +
      '2,500 bytes, which an index cannot hold; use a shorter key, such as md5 of the column',
  )
