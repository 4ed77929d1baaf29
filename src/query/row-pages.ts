import type { Row } from '../encoding.ts'
import type { Reader } from './reader.ts'

const pageSize = 10_000

/** All rows of a target, page by page, as they are stored: values that JavaScript would show alike stay distinct. */
export async function* rowPages(reader: Pick<Reader, 'storedRows'>): AsyncGenerator<Row[]> {
  for (let after: Row | undefined; ; ) {
    const rows = (await reader.storedRows(pageSize, after)).slice(0, pageSize)
    if (rows.length > 0) yield rows
    if (rows.length < pageSize) return
    after = rows.at(-1)
  }
}
