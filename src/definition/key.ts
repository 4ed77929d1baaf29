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
  const texts = columns.map((column, place) => partText(column, key[place] as Value))
  const text = texts.length === 1 ? (texts[0] as string) : JSON.stringify(texts)
  if (text.length * 3 > longestKey && bytesOf(texts) > longestKey) throw tooLong(columns, text)
  return text
}

/** Values that PostgreSQL holds equal are one key. */
const partText = ({ encoding }: Column, value: Value): string =>
  encoding.text(encoding.representative ? encoding.representative(value) : value)

const bytesOf = (texts: readonly string[]): number => texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0)

const tooLong = (columns: readonly Column[], text: string): TrifoldError =>
  new TrifoldError(
    'VALUE_INVALID',
    `definition: the key ${text.slice(0, 80)}… (${columns.map(({ name }) => name).join(', ')}) has more than ` +
      '2,500 bytes, which an index cannot hold; use a shorter key, such as md5 of the column',
  )
